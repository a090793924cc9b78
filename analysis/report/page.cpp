#include "analysis/report/page.hpp"

#include <fmt/format.h>

#include "analysis/report/assets.hpp"
#include "analysis/report/pack.hpp"

namespace codecosim {

namespace {
std::string html_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<' || c == '>' || c == '&' || c == '"')
      out += fmt::format("&#{};", static_cast<int>(c));
    else
      out += c;
  }
  return out;
}

/// JSON that cannot end the HTML element around it: outside of strings there is no `<`.
std::string embedded(const Json& data) {
  std::string out;
  for (const char c : data.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}
}  // namespace

std::string page(const std::string& title, Json data, std::string_view replay) {
  data["charts_version"] = assets::charts_version;
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-{}' 'sha256-{}'; "
      "style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" "
      "content=\"light "
      "dark\">\n"
      "<title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n",
      assets::charts.sha256, assets::script.sha256, assets::style.sha256, html_text(title));
  const auto element = [&](std::string_view begin, std::string_view text, std::string_view end) {
    out += begin;
    out += text;
    out += end;
  };
  element("<style>", assets::style.text,
          "</style>\n</head>\n<body>\n<noscript>This report needs JavaScript.</noscript>\n");
  element("<script type=\"application/json\" id=\"data\">", embedded(data), "</script>\n");
  element("<script type=\"text/plain\" id=\"replay\">", replay.empty() ? "" : base64(gzip(replay)), "</script>\n");
  element("<script>", assets::charts.text, "</script>\n");
  element("<script>", assets::script.text, "</script>\n</body>\n</html>\n");
  return out;
}

}  // namespace codecosim
