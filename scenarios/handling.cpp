#include "scenarios/fields.hpp"

namespace codecosim {

CallHandling read_handling(Reader& reader) {
  CallHandling handling;
  read_fields(reader, handling);
  if (auto r = reader.object("retries", "Tries after one that has failed; missing: none.")) {
    read_fields(*r, handling.retries);
    r->close();
  }
  if (auto r = reader.object("hedge",
                             "Tries beside one that takes long, of which the first answer counts; missing: none.")) {
    read_fields(*r, handling.hedge);
    r->close();
  }
  return handling;
}

}  // namespace codecosim
