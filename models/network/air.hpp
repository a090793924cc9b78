#pragma once
#include <array>
#include <memory>
#include <vector>

#include "models/network/medium_access.hpp"
#include "models/network/network.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

/// The parts of a link, or of a cell's airtime, that messages of ASSURED and of BESTEFFORT get, where so many of them
/// (or of what they weigh) are there beside so many flows, which have the rest. Equation: docs/models.md, "Links that
/// both transports use".
std::array<double, 2> parts_of_classes(double assured_share, double assured, double effort, double flows);

/// The airtime of a cell in one direction, or in both, and what takes it: messages, and flows beside them.
///
/// Each class has a buffer of its own; a message that finds it full is lost. The parts that messages and flows have
/// never exceed one together. Valid for: a flow that a slower link holds back leaves its part unused.
class Air : public Activation {
 public:
  /// As the access has it; none: ideal.
  static std::unique_ptr<Air> make(Network&, const LinkSpec&, std::shared_ptr<const MediumAccess>, const Rng&);
  virtual ~Air() = default;

  /// False: it would not fit in the buffer.
  bool enter(Message&, std::uint32_t bearer, std::uint8_t way);
  void remove(Message&, std::uint32_t bearer, std::uint8_t way);
  /// The bearer has another rate now.
  void rate_changes(std::uint32_t bearer, std::uint8_t way);
  /// Takes all messages of a bearer's way out, in the order in which they came.
  std::vector<Message*> take(std::uint32_t bearer, std::uint8_t way);
  /// A flow of a bearer's way has come, or gone.
  void flow_comes(std::uint32_t bearer, std::uint8_t way);
  void flow_goes(std::uint32_t bearer, std::uint8_t way);
  void used_by_flow(Seconds airtime) { used_ += airtime.value; }
  /// Airtime used until now: all in which messages are sent or contended for, and what flows took.
  Seconds used() const;
  /// Counts from now on.
  void reset();
  /// What each flow of a bearer's way could have had so far, since there has been one. Settles, as what changes does.
  using Progress = Network::Progress;
  Progress flow_progress(std::uint32_t bearer, std::uint8_t way);

 protected:
  Air(Network& network, const LinkSpec& spec, void (*due)(Activation&))
      : Activation(due), network_(network), assured_share_(spec.assured_share), buffer_(spec.buffer.value) {}

  struct Crossing {
    std::uint32_t bearer;
    std::uint8_t way;
    std::uint32_t flows;
    Progress per_second;  // of each flow
    Progress each;
  };
  static std::size_t class_of(const Message& message) { return static_cast<std::size_t>(message.service_class_); }
  static Message*& behind(Message& message) { return message.behind_; }
  static std::uint64_t order(const Message& message) { return message.order_; }
  BytesPerSecond rate(std::uint32_t bearer, std::uint8_t way) const {
    return BytesPerSecond(1 / network_.bearers_[bearer].seconds_per_byte[way]);
  }
  std::uint32_t in_air(std::uint32_t bearer, std::uint8_t way) const { return network_.bearers_[bearer].in_air[way]; }
  using GrantOf = Network::GrantOf;
  GrantOf& grant_of(std::uint32_t bearer) { return network_.bearers_[bearer].grant; }

  /// It has been in the air until now.
  void settle();
  /// It leaves the air: sent, with its last byte through at `end`.
  void sent(Message&, std::uint32_t bearer, std::uint8_t way, Seconds end);
  /// After all that happened at once: who gets what from now on.
  void change();

  // What each kind of access does; all of it settled before.
  virtual void progress(Seconds gone) = 0;
  virtual void add(Message&, std::uint32_t bearer, std::uint8_t way) = 0;
  virtual void take_out(Message&, std::uint32_t bearer, std::uint8_t way) = 0;
  virtual void find(std::uint32_t bearer, std::uint8_t way, std::vector<Message*>& all) const = 0;
  virtual void measure_anew(std::uint32_t bearer, std::uint8_t way) = 0;
  /// Sets `messages_part_` and what crossings get per second, and plans what is due next.
  virtual void plan() = 0;

  Network& network_;
  const double assured_share_;
  double messages_part_ = 0;  // of the airtime, now
  std::vector<Crossing> crossings_;

 private:
  Crossing* crossing(std::uint32_t bearer, std::uint8_t way);
  void leave(Message&, std::uint32_t bearer, std::uint8_t way);

  const double buffer_;
  std::array<double, 2> bytes_{};            // by class
  std::array<std::uint32_t, 2> messages_{};  // likewise
  double used_ = 0;
  Seconds since_;
  std::uint64_t order_ = 0;
};

}  // namespace codecosim
