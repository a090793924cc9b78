#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "sim/base/error.hpp"

namespace codecosim {

const Option& Option::required() const {
  option_->required();
  return *this;
}

const Option& Option::one_of(const std::vector<std::string>& words) const {
  option_->check(CLI::IsMember(words));
  return *this;
}

const Option& Option::between(double low, double high) const {
  option_->check(CLI::Range(low, high));
  return *this;
}

const Option& Option::not_negative() const {
  option_->check(CLI::NonNegativeNumber);
  return *this;
}

const Option& Option::check(std::function<std::string(const std::string&)> problem) const {
  option_->check(std::move(problem));
  return *this;
}

const Option& Option::one_value() const {
  option_->allow_extra_args(false);
  return *this;
}

const Option& Option::separated_by(char mark) const {
  option_->delimiter(mark);
  return *this;
}

const Option& Option::needs(const Option& other) const {
  option_->needs(other.option_);
  return *this;
}

const Option& Option::excludes(const std::vector<Option>& others) const {
  for (const Option& other : others) option_->excludes(other.option_);
  return *this;
}

const Option& Option::group(const std::string& heading) const {
  option_->group(heading);
  return *this;
}

bool Option::given() const { return option_->count() > 0; }

CommandLine CommandLine::subcommand(const std::string& name, const std::string& prose) const {
  return CommandLine(app_->add_subcommand(name, prose));
}

Option CommandLine::option(const std::string& name, std::string& value, const std::string& prose) const {
  return Option(app_->add_option(name, value, prose));
}
Option CommandLine::option(const std::string& name, std::vector<std::string>& values, const std::string& prose) const {
  return Option(app_->add_option(name, values, prose));
}
Option CommandLine::option(const std::string& name, double& value, const std::string& prose) const {
  return Option(app_->add_option(name, value, prose));
}
Option CommandLine::option(const std::string& name, std::optional<double>& value, const std::string& prose) const {
  return Option(app_->add_option(name, value, prose));
}
Option CommandLine::option(const std::string& name, std::uint32_t& value, const std::string& prose) const {
  return Option(app_->add_option(name, value, prose));
}
Option CommandLine::option(const std::string& name, std::uint64_t& value, const std::string& prose) const {
  return Option(app_->add_option(name, value, prose));
}
Option CommandLine::option(const std::string& name, std::optional<std::uint64_t>& value,
                           const std::string& prose) const {
  return Option(app_->add_option(name, value, prose));
}
Option CommandLine::flag(const std::string& name, bool& value, const std::string& prose) const {
  return Option(app_->add_flag(name, value, prose));
}
Option CommandLine::flag(const std::string& name, std::string& value, const std::string& prose) const {
  return Option(app_->add_flag(name, value, prose));
}

bool CommandLine::chosen() const { return app_->parsed(); }

ProgramLine::ProgramLine(const std::string& name, const std::string& prose, const std::string& version)
    : app_(new CLI::App(prose, name)) {
  app_->require_subcommand(1);
  app_->set_version_flag("--version", version);
  app_->fallthrough();
}

ProgramLine::~ProgramLine() { delete app_; }

std::optional<int> ProgramLine::parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app_->exit(wrong, std::cout, std::cerr) == 0 ? 0 : static_cast<int>(Failure::usage);
  }
  return std::nullopt;
}

}  // namespace codecosim
