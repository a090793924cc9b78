# Writes OUT, a C++ file that holds the parts of a report's page: the style and the script, joined from the FILES in their order,
# the library for charts, and for the page's content security policy the SHA-256 of each, in base64.
function(join_files out extension)
  set(text "")
  foreach(file ${FILES})
    if(file MATCHES "\\.${extension}$")
      file(READ ${file} part)
      string(APPEND text "${part}")
    endif()
  endforeach()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(base64_of_sha256 out text)
  set(digits ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  string(SHA256 hash "${text}")
  set(result "")
  # 32 bytes: ten groups of three bytes, and two bytes that are filled up with zeros.
  foreach(group RANGE 10)
    math(EXPR at "${group} * 6")
    string(SUBSTRING "${hash}00" ${at} 6 bytes)
    foreach(shift 18 12 6 0)
      math(EXPR digit "(0x${bytes} >> ${shift}) & 63")
      string(SUBSTRING ${digits} ${digit} 1 character)
      string(APPEND result ${character})
    endforeach()
  endforeach()
  string(SUBSTRING ${result} 0 43 result)
  set(${out} "${result}=" PARENT_SCOPE)
endfunction()

join_files(style css)
join_files(script js)
file(READ ${CHARTS} charts)
string(REGEX MATCH "Chart\\.js v([0-9.]+)" version "${charts}")
set(charts_version ${CMAKE_MATCH_1})
set(constants "")
foreach(name style script charts)
  base64_of_sha256(hash "${${name}}")
  string(APPEND constants "const Asset ${name}{R\"codecosim(${${name}})codecosim\", \"${hash}\"};\n")
endforeach()
file(WRITE ${OUT} "#include \"analysis/report/assets.hpp\"

namespace codecosim::assets {

${constants}const char* const charts_version = \"${charts_version}\";

}  // namespace codecosim::assets
")
