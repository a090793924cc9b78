#pragma once
#include "models/network/air.hpp"

namespace codecosim {

/// Airtime as a scheduler of short slots shares it.
///
/// Claim: all messages of a class get equal shares of the airtime (processor sharing). Each class gets its share,
/// assured_share and 1 - assured_share, while both have a backlog. A message needs size / rate of its device. Beside n
/// flows, q messages together have q / (q + n) of the airtime, those of ASSURED at least assured_share, and each flow
/// an equal share of the rest. With grants, a message ends with a slot, and is delayed by the time that its device
/// waits for the grant. Valid for: messages longer than a slot, or grants. A message that waits for a grant has taken
/// its airtime before, and no handover loses it in that time. Checked by: tests/physics/air_test.cpp,
/// tests/physics/grants_test.cpp.
class SharedAir final : public Air {
 public:
  SharedAir(Network&, const LinkSpec&, std::shared_ptr<const MediumAccess>);

 private:
  struct Entry {
    double end;  // the progress of its Line at which it ends
    double airtime;
    Seconds asked, granted;  // the dates at which it came, and at which it may be sent
    std::uint32_t bearer;
    std::uint8_t way;
    Message* message;
  };
  struct Line {
    double progress = 0;         // airtime that each message has received [s]
    std::vector<Entry> entries;  // the last one ends next
  };
  void progress(Seconds gone) override;
  void add(Message&, std::uint32_t bearer, std::uint8_t way) override;
  void take_out(Message&, std::uint32_t bearer, std::uint8_t way) override;
  void find(std::uint32_t bearer, std::uint8_t way, std::vector<Message*>& all) const override;
  void measure_anew(std::uint32_t bearer, std::uint8_t way) override;
  void plan() override;
  void done();
  void insert(Line&, const Entry&);
  /// The date at which a message that comes now may be sent.
  Seconds granted(std::uint32_t bearer);
  const Grants* grants() const { return access_ ? std::get_if<Grants>(access_.get()) : nullptr; }

  std::shared_ptr<const MediumAccess> access_;
  std::array<Line, 2> lines_;      // by class
  std::array<double, 2> parts_{};  // share of the airtime of each message, by class
  std::size_t due_ = 0;
};

}  // namespace codecosim
