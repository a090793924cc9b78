# A layer sees its own folder and those it DEPENDS on, and nothing else: each gets an include view of its own, a folder of links,
# so that a forbidden #include does not compile. HIDES are libraries that stay inside the layer; USES are passed on; WITHOUT matches
# folders in it that are something else. What is COLD runs for a moment at the beginning or the end of a run: it is compiled fast, not
# to be fast.

function(include_view target path)
  set(view ${PROJECT_BINARY_DIR}/views/${target})
  file(REMOVE_RECURSE ${view})
  foreach(folder ${path} ${ARGN})
    get_filename_component(parent ${view}/${folder} DIRECTORY)
    file(MAKE_DIRECTORY ${parent})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${view}/${folder} SYMBOLIC)
  endforeach()
  target_include_directories(${target} PRIVATE ${view})
endfunction()

function(compile_fast target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

function(layer path)
  cmake_parse_arguments(ARG "COLD" "WITHOUT" "DEPENDS;USES;HIDES" ${ARGN})
  string(REPLACE "/" "-" target ${path})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${path}/*.cpp)
  if(ARG_WITHOUT)
    list(FILTER sources EXCLUDE REGEX "/${ARG_WITHOUT}/")
  endif()
  add_library(${target} STATIC ${sources})
  include_view(${target} ${path} ${ARG_DEPENDS})
  string(REPLACE "/" "-" dependencies "${ARG_DEPENDS}")
  target_link_libraries(${target} PUBLIC ${dependencies} ${ARG_USES} PRIVATE ${ARG_HIDES})
  if(ARG_COLD)
    compile_fast(${target})
  endif()
endfunction()

function(program name path)
  cmake_parse_arguments(ARG "" "" "DEPENDS;USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${path}/*.cpp)
  add_executable(${name} ${sources})
  include_view(${name} ${path} ${ARG_DEPENDS})
  string(REPLACE "/" "-" dependencies "${ARG_DEPENDS}")
  list(REVERSE dependencies)  # who needs a library before it: then each is named once
  target_link_libraries(${name} PRIVATE ${dependencies} ${ARG_USES})
endfunction()

# A library that a program loads while it runs, and that uses what the program itself consists of: see offers().
function(extension name path)
  cmake_parse_arguments(ARG "" "" "DEPENDS;USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${path}/*.cpp)
  add_library(${name} SHARED ${sources})
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  include_view(${name} ${ARG_DEPENDS})
  target_link_libraries(${name} PRIVATE ${ARG_USES})
endfunction()

# Makes a program offer all of these layers, used or not, to the extensions that it loads.
function(offers program)
  string(REPLACE "/" "-" layers "${ARGN}")
  list(JOIN layers "," whole)
  set_target_properties(${program} PROPERTIES ENABLE_EXPORTS ON LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,${whole}")
endfunction()
