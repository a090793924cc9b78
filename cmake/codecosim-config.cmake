# What find_package(codecosim) gives: the target codecosim::policy, which a shared library with policies links.
include(CMakeFindDependencyMacro)
find_dependency(nlohmann_json)
include(${CMAKE_CURRENT_LIST_DIR}/codecosim-targets.cmake)
