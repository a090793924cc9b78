#pragma once
#include <optional>

#include "models/network/air.hpp"

namespace codecosim {

/// Airtime for which stations contend, by IEEE 802.11.
///
/// Claim: turns follow each other, each of one station, which is drawn at random among those with a backlog, since the
/// coordination function gives all the same chance. The access point is one of them, and sends to its receivers one
/// after the other. A turn carries messages of the station for one receiver, in order, as much as an aggregate holds;
/// besides, it costs the overhead that Contention gives for so many stations. Each class has its share of the time,
/// assured_share and 1 - assured_share, while both have a backlog. Flows take turns like messages that never end: flows
/// and messages share the time in proportion to the lengths of their turns, but messages of ASSURED have at least
/// assured_share. Valid for: turns short against the time for which as many contend (R. Litjens, F. Roijers, J. L. van
/// den Berg, R. J. Boucherie, M. Fleuren, "Performance analysis of wireless LANs: an integrated packet/flow level
/// approach", ITC 18, 2003). A station's classes, and its flows, contend as stations of their own. EDCA's parameters by
/// class are not modelled. A station that finds the channel free pays the mean back-off all the same. Checked by:
/// tests/conformance/contention_test.cpp.
class ContendedAir final : public Air {
 public:
  ContendedAir(Network&, const LinkSpec&, std::shared_ptr<const MediumAccess>, const Rng&);

 private:
  /// The messages of one class that a station has for one receiver.
  struct Backlog {
    std::uint32_t bearer;
    std::uint8_t way;
    Message* first;
    Message* last;
    double begun = 0;  // bytes of the first that earlier turns carried
    bool measured = false;
    std::uint32_t count = 0;  // number of messages that end with its next turn
    double carries = 0;       // bytes of the first in its next turn, where that does not end it
    Contention::Turn turn = {};
  };
  struct Class {
    std::vector<Backlog> stations;
    std::vector<Backlog> receivers;  // receivers of the access point; the first is the next
    double had = 0;  // airtime that it had, divided by its share of the time: the class with less is next
    std::size_t contenders() const { return stations.size() + (receivers.empty() ? 0 : 1); }
    bool empty() const { return stations.empty() && receivers.empty(); }
    const std::vector<Backlog>& backlogs(std::uint8_t way) const { return way == 0 ? stations : receivers; }
  };
  void progress(Seconds gone) override;
  void add(Message&, std::uint32_t bearer, std::uint8_t way) override;
  void take_out(Message&, std::uint32_t bearer, std::uint8_t way) override;
  void find(std::uint32_t bearer, std::uint8_t way, std::vector<Message*>& all) const override;
  void measure_anew(std::uint32_t bearer, std::uint8_t way) override;
  void plan() override;
  void done();
  void next_turn(double overhead);
  void charge(double airtime);
  void measure(Backlog&) const;
  Contention::Turn turn_of_flow(const Crossing&) const;
  std::vector<Backlog>& backlogs(std::size_t service, std::uint8_t way) {
    return way == 0 ? classes_[service].stations : classes_[service].receivers;
  }
  Backlog* backlog(std::size_t service, std::uint32_t bearer, std::uint8_t way);
  void forget(std::size_t service, const Backlog&);
  const Contention& contention() const { return std::get<Contention>(*access_); }
  /// The overhead of each turn now, besides the turn itself [s].
  double overhead();

  std::shared_ptr<const MediumAccess> access_;
  Rng rng_;
  std::array<Class, 2> classes_;
  // The present turn.
  struct OnAir {
    std::size_t service = 0;
    std::uint32_t bearer = 0;
    std::uint8_t way = 0;
    double takes = 0, left = 0;  // [s], if there were no flows
    std::uint32_t count = 0;     // number of messages that end with it
    double carries = 0;          // bytes of the first, where that does not end
  };
  std::optional<OnAir> on_air_;  // none: no station has a backlog
  std::array<double, 2> parts_{};
  std::vector<double> collisions_;
};

}  // namespace codecosim
