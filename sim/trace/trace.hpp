#pragma once
#include <memory>
#include <string>

#include "sim/trace/fingerprint.hpp"
#include "sim/trace/record.hpp"

namespace codecosim {

/// What the things of a run are called, for whoever writes a trace.
class Names {
 public:
  virtual ~Names() = default;
  virtual std::string name(ClusterId) const = 0;
  virtual std::string name(NodeId) const = 0;
  virtual std::string name(LinkId) const = 0;
  virtual std::string name(PodId) const = 0;
  virtual std::string name(ApplicationId) const = 0;
  virtual std::string name(ClientId) const = 0;
  virtual std::string name(DeviceId) const = 0;
  virtual std::string name(CellId) const = 0;
};

/// Writes records as JSON Lines, compressed with zstd: {"t_s":1.5,"kind":"request",...}. Throws Error(output) when it cannot.
class JsonLines {
 public:
  JsonLines(const std::string& path, const Names& names);
  ~JsonLines();
  template <class Record>
  void write(Seconds now, const Record& record) {
    begin(now, Record::kind);
    record.fields([this](std::string_view key, const auto& value) { this->field(key, value); });
    end();
  }
  /// Flushes and closes; what is written before is complete only after this.
  void close();

 private:
  void begin(Seconds now, std::string_view kind);
  void end();
  void key(std::string_view);
  void field(std::string_view k, double value);
  void field(std::string_view k, bool value);
  void field(std::string_view k, std::uint32_t value);
  void field(std::string_view k, std::string_view value);
  template <class T>
  void field(std::string_view k, const T& value) {
    if constexpr (requires { value.index; }) {
      if (value)
        field(k, std::string_view(names_.name(value)));
      else
        null(k);
    } else if constexpr (requires { value.value; }) {
      field(k, value.value);
    } else {
      field(k, name(value));
    }
  }
  void null(std::string_view k);

  struct Stream;
  const Names& names_;
  std::unique_ptr<Stream> stream_;
  std::string line_;
};

/// Where the model says what happened. The fingerprint sees every record; a file only those of the level asked for.
class Trace {
 public:
  template <class Record>
  void emit(Seconds now, const Record& record) {
    fingerprint_.add(now, record);
    if (level_ >= Record::detail) [[unlikely]]
      sink_->write(now, record);
  }
  /// Writes records up to this level to `sink` from now on.
  void write_to(Detail level, std::unique_ptr<JsonLines> sink) {
    level_ = sink ? level : Detail::none;
    sink_ = std::move(sink);
  }
  void close() {
    if (sink_) sink_->close();
    write_to(Detail::none, nullptr);
  }
  const Fingerprint& fingerprint() const { return fingerprint_; }

 private:
  Fingerprint fingerprint_;
  Detail level_ = Detail::none;
  std::unique_ptr<JsonLines> sink_;
};

}  // namespace codecosim
