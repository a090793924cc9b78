#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace codecosim {

/// An option, or positional argument, of the command line. Its functions add constraints; a value that breaks one is
/// refused.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}
  const Option& required() const;
  const Option& one_of(const std::vector<std::string>&) const;
  const Option& between(double low, double high) const;
  const Option& not_negative() const;
  /// `problem` returns the reason why a text is invalid, or an empty text.
  const Option& check(std::function<std::string(const std::string&)> problem) const;
  /// Takes one value each time that it is given, so that a positional argument may follow.
  const Option& one_value() const;
  const Option& separated_by(char) const;
  const Option& needs(const Option&) const;
  const Option& excludes(const std::vector<Option>&) const;
  /// Sets the heading in the help text; empty: the option is hidden there.
  const Option& group(const std::string& heading) const;
  bool given() const;

 private:
  CLI::Option* option_;
};

/// A command line with its options. Values are written to the references, which must outlive the parsing.
class CommandLine {
 public:
  explicit CommandLine(CLI::App* app) : app_(app) {}
  /// Adds a subcommand, with a command line of its own.
  CommandLine subcommand(const std::string& name, const std::string& prose) const;
  Option option(const std::string& name, std::string&, const std::string& prose) const;
  Option option(const std::string& name, std::vector<std::string>&, const std::string& prose) const;
  Option option(const std::string& name, double&, const std::string& prose) const;
  Option option(const std::string& name, std::optional<double>&, const std::string& prose) const;
  Option option(const std::string& name, std::uint32_t&, const std::string& prose) const;
  Option option(const std::string& name, std::uint64_t&, const std::string& prose) const;
  Option option(const std::string& name, std::optional<std::uint64_t>&, const std::string& prose) const;
  Option flag(const std::string& name, bool&, const std::string& prose) const;
  Option flag(const std::string& name, std::string&, const std::string& prose) const;
  /// Whether the subcommand was chosen.
  bool chosen() const;

 private:
  CLI::App* app_;
};

/// The program's own command line, with subcommands and plug-ins. Only this class and its implementation use CLI11.
class ProgramLine {
 public:
  ProgramLine(const std::string& name, const std::string& prose, const std::string& version);
  ~ProgramLine();
  ProgramLine(const ProgramLine&) = delete;
  ProgramLine& operator=(const ProgramLine&) = delete;
  CommandLine line() const { return CommandLine(app_); }
  /// Parses the arguments. Returns the exit status where nothing is left to do, because help was asked for or the line
  /// is wrong, which is reported.
  std::optional<int> parse(int argc, char** argv);

 private:
  CLI::App* app_;
};

}  // namespace codecosim
