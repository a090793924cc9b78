#include "policies/load_plugin.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <exception>
#include <string_view>

#include "policies/plugin.hpp"

namespace codecosim {

namespace {
/// Calls `f` with each registry of `from` and the same one of `to`.
template <class F>
void for_each_registry(const Policies& from, Policies& to, const F& f) {
  f(from.placement, to.placement);
  f(from.partition, to.partition);
  f(from.migration, to.migration);
  f(from.routing, to.routing);
  f(from.cost, to.cost);
  f(from.recommender, to.recommender);
  f(from.forecaster, to.forecaster);
}
}  // namespace

void load_plugin(const std::string& path, Policies& policies) {
  const auto refuse = [&](const std::string& why) {
    throw Error(Failure::usage, fmt::format("plug-in {}: {}", path, why));
  };
  // dlopen() searches the system's library paths for a name without a slash.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) refuse(dlerror());
  const auto abi = reinterpret_cast<const char* (*)()>(dlsym(library, "codecosim_plugin_abi"));
  const auto add = reinterpret_cast<void (*)(Policies*)>(dlsym(library, "codecosim_plugin_add"));
  if (!abi || !add) refuse("no plug-in of codecosim: CODECOSIM_PLUGIN of policies/plugin.hpp makes one");
  if (std::string_view(abi()) != plugin_abi.data())
    refuse(fmt::format("built for \"{}\", but this is \"{}\": build it again, with these headers and this compiler",
                       abi(), plugin_abi.data()));
  Policies brought;
  try {
    add(&brought);
  } catch (const std::exception& wrong) {
    refuse(fmt::format("it failed: {}", wrong.what()));
  } catch (...) {
    refuse("it failed");
  }
  for_each_registry(brought, policies, [&](const auto& from, const auto& to) {
    for (const auto& entry : from.entries())
      if (to.find(entry.name)) refuse(fmt::format("the name \"{}\" is taken", entry.name));
  });
  if (brought.yardstick && policies.yardstick) refuse("there is a yardstick already");
  for_each_registry(brought, policies, [&](const auto& from, auto& to) {
    for (const auto& entry : from.entries()) to.adopt(entry, path);
  });
  if (brought.yardstick) policies.yardstick = brought.yardstick;
}

}  // namespace codecosim
