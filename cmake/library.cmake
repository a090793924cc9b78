# Writes OUT, a C++ file that holds the texts of the scenario library in FOLDER.
file(GLOB files ${FOLDER}/*.json ${FOLDER}/*.jsonc)
set(entries "")
foreach(file ${files})
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND entries "      {\"${name}\", R\"codecosim(${text})codecosim\"},\n")
endforeach()
file(WRITE ${OUT} "#include \"scenarios/library.hpp\"

#include <utility>

namespace codecosim {

static const std::vector<std::pair<std::string, std::string>>& texts() {
  static const std::vector<std::pair<std::string, std::string>> all{
${entries}  };
  return all;
}

std::vector<std::string> library_names() {
  std::vector<std::string> names;
  for (const auto& [name, text] : texts()) names.push_back(name);
  return names;
}

const std::string* library_text(const std::string& name) {
  for (const auto& [known, text] : texts())
    if (known == name) return &text;
  return nullptr;
}

}  // namespace codecosim
")
