#pragma once
#include "models/network/air.hpp"

namespace codecosim {

/// Airtime as a scheduler of short slots shares it.
///
/// Claim: all messages of a class get equal parts of the airtime (processor sharing), each class its part,
/// assured_share and 1 - assured_share, while both have something to send. A message needs size / rate of its device.
/// Beside n flows, q messages together have q / (q + n) of the airtime, those of ASSURED at least assured_share, and
/// each flow an equal part of the rest. With grants, a message ends with a slot, and later by as long as its device
/// waits for the grant. Valid for: messages longer than a slot, or grants. What waits for a grant has taken its airtime
/// before, and is lost by no handover in that time. Checked by: tests/physics/air_test.cpp,
/// tests/physics/grants_test.cpp.
class SharedAir final : public Air {
 public:
  SharedAir(Network&, const LinkSpec&, std::shared_ptr<const MediumAccess>);

 private:
  struct Entry {
    double end;  // of the line's progress
    double airtime;
    Seconds asked, granted;  // when it came, and when it may be sent
    std::uint32_t bearer;
    std::uint8_t way;
    Message* message;
  };
  struct Line {
    double progress = 0;         // airtime that each message has got [s]
    std::vector<Entry> entries;  // the next to end is the last
  };
  void progress(Seconds gone) override;
  void add(Message&, std::uint32_t bearer, std::uint8_t way) override;
  void take_out(Message&, std::uint32_t bearer, std::uint8_t way) override;
  void find(std::uint32_t bearer, std::uint8_t way, std::vector<Message*>& all) const override;
  void measure_anew(std::uint32_t bearer, std::uint8_t way) override;
  void plan() override;
  void done();
  void insert(Line&, const Entry&);
  /// When what comes now may be sent.
  Seconds granted(std::uint32_t bearer);
  const Grants* grants() const { return access_ ? std::get_if<Grants>(access_.get()) : nullptr; }

  std::shared_ptr<const MediumAccess> access_;
  std::array<Line, 2> lines_;      // by class
  std::array<double, 2> parts_{};  // of the airtime, of each message of a class
  std::size_t due_ = 0;
};

}  // namespace codecosim
