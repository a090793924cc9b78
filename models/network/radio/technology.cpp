#include "models/network/radio/technology.hpp"

#include <algorithm>
#include <array>

#include "sim/base/error.hpp"

namespace codecosim {

namespace {
BytesPerSecond mbps(double rate) { return BytesPerSecond(rate * 1e6 / 8); }

// Efficiencies of TS 38.214 tables 5.2.2.1-2 (the same as LTE's, TS 36.213 table 7.2.3-1) and 5.2.2.1-3 [bit/s/Hz].
constexpr std::array lte_efficiency{0.1523, 0.2344, 0.3770, 0.6016, 0.8770, 1.1758, 1.4766, 1.9141,
                                    2.4063, 2.7305, 3.3223, 3.9023, 4.5234, 5.1152, 5.5547};
constexpr std::array nr_efficiency{0.1523, 0.3770, 0.8770, 1.4766, 1.9141, 2.4063, 2.7305, 3.3223,
                                   3.9023, 4.5234, 5.1152, 5.5547, 6.2266, 6.9141, 7.4063};
// Ratios at which each has a block error rate of 10 % without fading: link level simulations of TU Wien's Vienna LTE
// simulator, rounded; the last four of the second list are ours, continued at 3.2 dB per bit/s/Hz.
constexpr std::array lte_ratio{-6.9, -5.1, -3.15, -1.25, 0.8,  2.7,   4.7,  6.55,
                               8.6,  10.4, 12.3,  14.2,  15.9, 17.85, 19.85};
constexpr std::array nr_ratio{-6.9, -3.15, 0.8, 4.7, 6.55, 8.6, 10.4, 12.3, 14.2, 15.9, 17.85, 19.6, 21.7, 23.9, 25.6};

/// IEEE 802.11ac, 40 MHz, one spatial stream, at 5.5 GHz, in a hall with access points above the clutter.
Technology wifi(bool fast_transition) {
  Technology t;
  t.name = fast_transition ? "wifi-ft" : "wifi";
  t.carrier = Hertz(5.5e9);
  t.bandwidth = Hertz(40e6);
  t.cell_power = DecibelMilliwatts(23);         // limit of 5150-5350 MHz in Europe, with antenna
  t.device_power = DecibelMilliwatts(17);       // usual for a client
  t.cell_noise = t.device_noise = Decibels(7);  // ns-3's default
  t.cell_height = Metres(6);
  t.device_height = Metres(1);
  t.propagation.environment = Propagation::Environment::factory_sparse_high;
  // Rates of IEEE 802.11-2020 for a guard interval of 0.8 us. Ratios: its minimum sensitivities (table 21-25), less the
  // noise and the 10 dB noise figure and 5 dB margin that they allow for.
  constexpr std::array ratios{4.0, 7.0, 9.0, 12.0, 16.0, 20.0, 21.0, 22.0, 27.0, 29.0};
  constexpr std::array rates{13.5, 27.0, 40.5, 54.0, 81.0, 108.0, 121.5, 135.0, 162.0, 180.0};
  for (std::size_t k = 0; k < ratios.size(); ++k)
    t.tiers.push_back({Decibels(ratios[k]), mbps(rates[k]), mbps(rates[k])});
  t.shared_airtime = true;
  Contention contention = Contention::of("802.11ac");
  contention.base = mbps(rates[0]);
  t.access = contention;
  t.reach = Metres(600);  // range for which the environment's laws are valid
  t.activity = 0;
  t.link.latency = Seconds(0.3e-3);  // drivers and bridging: our assumption, without a source
  // Clients ask for 3-12 dB more (Qualcomm 3-5, Apple 8-12); field reports of vehicles: 1.2-4.7 s without fast
  // transition, below 50 ms with IEEE 802.11r.
  t.offset = Decibels(5);
  t.hysteresis = Decibels(1);
  t.time_to_trigger = Seconds(0.2);
  t.interruption = Distribution<Seconds>(fast_transition ? Law::constant(0.05) : Law::uniform(1.2, 4.7));
  t.link.forwards = false;
  return t;
}

/// NR at 3.75 GHz, 100 MHz, 30 kHz, time division DDDSU, one layer, small cells under the roof of a hall.
Technology private_5g() {
  Technology t;
  t.name = "private-5g";
  t.carrier = Hertz(3.75e9);
  t.bandwidth = Hertz(98.28e6);            // 273 resource blocks
  t.cell_power = DecibelMilliwatts(27);    // local area base station, 24 dBm (TS 38.104), antenna 3 dBi
  t.device_power = DecibelMilliwatts(23);  // power class 3
  t.cell_noise = Decibels(5);
  t.device_noise = Decibels(9);  // TR 38.901 table 7.8-7 for the device
  t.cell_height = Metres(8);
  t.device_height = Metres(1.5);  // TR 38.901 table 7.8-7, InF-SH
  t.propagation.environment = Propagation::Environment::factory_sparse_high;
  // TS 38.306 4.1.2 with overheads 0.14 down and 0.08 up; 74.3 and 22.9 % of the symbols; devices send up to 64QAM.
  constexpr double elements = 91.728e6, down = 0.743 * 0.86, up = 0.229 * 0.92;
  for (std::size_t k = 0; k < nr_ratio.size(); ++k)
    t.tiers.push_back({Decibels(nr_ratio[k]), mbps(elements * down * nr_efficiency[k] / 1e6),
                       mbps(elements * up * std::min(nr_efficiency[k], nr_efficiency[10]) / 1e6)});
  t.activity = 0.2;
  t.reach = Metres(600);  // range for which the environment's laws are valid
  // A device may send a scheduling request in every second uplink slot, 5 ms apart: our assumption, without a source.
  // Its grant comes in the next period of DDDSU, for the last slot of that. With the latency, packets down take 5 ms: a
  // campus network had 4-10 ms for 95 % of them (Rischke et al., IEEE Access 2021).
  t.access = Grants{Seconds(0.5e-3), "DDDSU", Seconds(5e-3), Seconds(2.5e-3)};
  t.link.latency = Seconds(4e-3);
  t.offset = Decibels(3);
  t.hysteresis = Decibels(1);
  t.time_to_trigger = Seconds(0.16);
  t.interruption = Distribution<Seconds>(Law::constant(0.05));  // TS 38.133 6.1 allows 50-70 ms
  t.link.forwards = true;
  return t;
}

/// LTE at 1.8 GHz, 20 MHz, frequency division, one layer, street-level micro cells.
Technology lte() {
  Technology t;
  t.name = "lte";
  t.carrier = Hertz(1.8e9);
  t.bandwidth = Hertz(18e6);             // 100 resource blocks
  t.cell_power = DecibelMilliwatts(37);  // micro cell, antenna 5 dBi
  t.device_power = DecibelMilliwatts(23);
  t.cell_noise = Decibels(5);
  t.device_noise = Decibels(9);  // ns-3's defaults
  t.cell_height = Metres(10);
  t.device_height = Metres(1.5);
  t.propagation.environment = Propagation::Environment::urban_micro;
  t.propagation.sight_place = Metres(50);
  // 16.8 M resource elements a second, a quarter of them control and reference signals; devices send up to 16QAM.
  constexpr double elements = 16.8e6 * 0.75;
  for (std::size_t k = 0; k < lte_ratio.size(); ++k)
    t.tiers.push_back({Decibels(lte_ratio[k]), mbps(elements * lte_efficiency[k] / 1e6),
                       mbps(elements * std::min(lte_efficiency[k], lte_efficiency[8]) / 1e6)});
  t.activity = 0.3;
  // TR 36.881 table 5.2.1-1: request opportunities 10 ms apart; the request 1 ms, its decoding 3, the grant 1, the
  // device's processing 3; the data 1, its decoding 3. 17 ms up in the mean, 4.5 down.
  t.access = Grants{Seconds(1e-3), "", Seconds(10e-3), Seconds(8e-3)};
  t.link.latency = Seconds(3e-3);
  t.offset = Decibels(3);
  t.hysteresis = Decibels(1);
  t.time_to_trigger = Seconds(0.16);
  t.interruption = Distribution<Seconds>(Law::constant(0.0495));  // TR 36.881
  t.link.forwards = true;
  return t;
}
}  // namespace

std::vector<std::string> technology_names() { return {"wifi", "wifi-ft", "private-5g", "lte"}; }

Technology technology(const std::string& name) {
  Technology t = name == "wifi" || name == "wifi-ft" ? wifi(name == "wifi-ft")
                 : name == "private-5g"              ? private_5g()
                                                     : lte();
  ensure(t.name == name, "there is no such technology");
  t.link.bandwidth = t.tiers.back().down;
  t.link.buffer = Bytes(4e6);
  return t;
}

}  // namespace codecosim
