#pragma once
#include <array>
#include <memory>
#include <vector>

#include "models/network/medium_access.hpp"
#include "models/network/network.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

/// The shares of a link, or of a cell's airtime, that messages of ASSURED and of BESTEFFORT get. `assured` and `effort`
/// are the numbers of these messages (or their weights), beside `flows` flows, which get the rest. Equation:
/// docs/models.md, "Links that both transports use".
std::array<double, 2> parts_of_classes(double assured_share, double assured, double effort, double flows);

/// The airtime of a cell in one direction, or in both, and its users: messages, and flows beside them.
///
/// Each class has a buffer of its own; a message that finds it full is lost. The shares of messages and flows never
/// exceed one together. Valid for: a flow that a slower link limits leaves its share unused.
class Air : public Activation {
 public:
  /// Makes the model of this medium access; none: ideal access.
  static std::unique_ptr<Air> make(Network&, const LinkSpec&, std::shared_ptr<const MediumAccess>, const Rng&);
  virtual ~Air() = default;

  /// Takes a message in. False: it would not fit in the buffer.
  bool enter(Message&, std::uint32_t bearer, std::uint8_t way);
  void remove(Message&, std::uint32_t bearer, std::uint8_t way);
  /// Called when the bearer has another rate from now on.
  void rate_changes(std::uint32_t bearer, std::uint8_t way);
  /// Takes out all messages of a bearer in a direction (`way`), in the order in which they came.
  std::vector<Message*> take(std::uint32_t bearer, std::uint8_t way);
  /// Called when a flow of a bearer in a direction begins, or ends.
  void flow_begins(std::uint32_t bearer, std::uint8_t way);
  void flow_ends(std::uint32_t bearer, std::uint8_t way);
  void used_by_flow(Seconds airtime) { used_ += airtime.value; }
  /// Airtime used until now: all time in which messages are sent or contended for, and the time that flows took.
  Seconds used() const;
  /// Begins the count of used airtime anew.
  void reset();
  /// The airtime and bytes that each flow of a bearer in a direction could have had, since there has been a flow. The
  /// call settles the accounts, as every change does.
  using Progress = Network::Progress;
  Progress flow_progress(std::uint32_t bearer, std::uint8_t way);

 protected:
  Air(Network& network, const LinkSpec& spec, void (*due)(Activation&))
      : Activation(due), network_(network), assured_share_(spec.assured_share), buffer_(spec.buffer.value) {
    calendar().name_kind(due, "Air");
  }

  struct Crossing {
    std::uint32_t bearer;
    std::uint8_t way;
    std::uint32_t flows;
    Progress per_second;  // progress of each flow per second
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

  /// Settles the accounts up to now.
  void account();
  /// A message leaves the air after it was sent; its last byte is through at `end`.
  void sent(Message&, std::uint32_t bearer, std::uint8_t way, Seconds end);
  /// Called after all changes of one date: sets the shares from now on.
  void change();

  // Implemented by each kind of access; the accounts are settled before each call.
  virtual void progress(Seconds gone) = 0;
  virtual void add(Message&, std::uint32_t bearer, std::uint8_t way) = 0;
  virtual void take_out(Message&, std::uint32_t bearer, std::uint8_t way) = 0;
  virtual void find(std::uint32_t bearer, std::uint8_t way, std::vector<Message*>& all) const = 0;
  virtual void measure_anew(std::uint32_t bearer, std::uint8_t way) = 0;
  /// Sets `messages_part_` and the progress of crossings per second, and schedules the next event.
  virtual void plan() = 0;

  Network& network_;
  const double assured_share_;
  double messages_part_ = 0;  // share of the airtime, now
  std::vector<Crossing> crossings_;

 private:
  Crossing* crossing(std::uint32_t bearer, std::uint8_t way);
  void leave(Message&, std::uint32_t bearer, std::uint8_t way);

  const double buffer_;
  std::array<double, 2> bytes_{};            // by class
  std::array<std::uint32_t, 2> messages_{};  // by class
  double used_ = 0;
  Seconds since_;
  std::uint64_t order_ = 0;
};

}  // namespace codecosim
