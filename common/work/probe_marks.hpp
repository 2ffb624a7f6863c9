// Marks that a probe's guest writes on its console: which boot it is, and that it goes on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidepool {

// A count within one boot. The process that counts is the guest's memory put to the test: after a
// hold it either goes on counting, or another boot's process begins at 1.
struct GuestMark {
  std::string boot;
  long count = 0;
};

// The user_data of a probe's server; needs cloud-init in the image. Joins no cluster.
std::string guest_mark_user_data();
// The newest mark of a console's text; nullopt: none.
std::optional<GuestMark> last_guest_mark(std::string_view console);
// yes: the same process went on; no: another boot; nullopt: nothing new has been heard.
std::optional<bool> guest_went_on(const GuestMark& before, const std::optional<GuestMark>& after);

}  // namespace tidepool
