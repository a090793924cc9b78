# `cmake --install` puts the program where a package's program goes, with what a policy includes (policies/plugin.hpp), for
# find_package(codecosim) and its target codecosim::policy.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(policy INTERFACE)
target_include_directories(policy INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/codecosim>)
target_compile_features(policy INTERFACE cxx_std_20)
target_compile_options(policy INTERFACE -ffp-contract=off)
target_link_libraries(policy INTERFACE nlohmann_json::nlohmann_json)

set(headers ${CMAKE_INSTALL_INCLUDEDIR}/codecosim)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/codecosim)
install(TARGETS codecosim)
install(DIRECTORY sim/base DESTINATION ${headers}/sim FILES_MATCHING PATTERN *.hpp)
install(FILES models/policy.hpp models/learner.hpp DESTINATION ${headers}/models)
install(FILES policies/plugin.hpp DESTINATION ${headers}/policies)
install(FILES policies/placement/feasible.hpp DESTINATION ${headers}/policies/placement)
install(TARGETS policy EXPORT codecosim)
install(EXPORT codecosim NAMESPACE codecosim:: FILE codecosim-targets.cmake DESTINATION ${package})
install(FILES cmake/codecosim-config.cmake ${CMAKE_BINARY_DIR}/codecosim-config-version.cmake DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/codecosim-config-version.cmake COMPATIBILITY ExactVersion)
