#pragma once
#include <string_view>

namespace codecosim::assets {

/// A part of a report's page, embedded in the program when it is built (cmake/assets.cmake).
struct Asset {
  std::string_view text;
  std::string_view sha256;  ///< Hash of the text, in base64.
};

extern const Asset style, script;  ///< analysis/report/page/
extern const Asset charts;         ///< Chart.js
extern const char* const charts_version;

}  // namespace codecosim::assets
