// The probe's steps that delete a server: with an image of it, from which it is made again, and
// without.
#include <fmt/format.h>

#include "work/probe.hpp"

namespace tidepool {

Task<Result<void>> Probe::snapshot() {
  settings_.progress(std::string(to_string(ProbeStep::snapshot)));
  ProbeMeasure measure;
  measure.step = ProbeStep::snapshot;
  std::string image;
  auto taken = co_await take_snapshot(measure, image);
  if (!taken) co_return tl::unexpected(taken.error());
  if (*taken)
    if (auto made = co_await make_again(image, measure); !made) co_return made;
  report_.measures.push_back(std::move(measure));
  co_return Result<void>{};
}

// An image is made and the server is gone: true.
Task<Result<bool>> Probe::take_snapshot(ProbeMeasure& measure, std::string& image) {
  auto have = co_await have_server(measure);
  if (!have || !*have) co_return have;
  auto before = co_await look();
  if (!before) co_return tl::unexpected(before.error());
  measure.before = *before;
  if (auto heard = co_await hear_guest(); !heard) co_return tl::unexpected(heard.error());
  const Time began = now();
  auto asked = co_await cloud_.compute().create_image(server_, servers_.name() + "-image");
  if (!asked) {
    if (asked.error().kind == ErrorKind::auth) co_return tl::unexpected(asked.error());
    measure.outcome = asked.error().kind == ErrorKind::forbidden ? ProbeOutcome::forbidden
                                                                 : ProbeOutcome::refused;
    measure.why = asked.error().message;
    co_return false;
  }
  image = *asked;
  auto answer = co_await servers_.settle_image(server_, image);
  if (!answer) co_return tl::unexpected(answer.error());
  set_outcome(measure, *answer);
  if (!answer->done()) {
    // Its server may still be busy with it: the next step gets another one.
    if (auto dropped = co_await drop(); !dropped) co_return tl::unexpected(dropped.error());
    co_return false;
  }
  const auto mark = mark_;
  if (auto dropped = co_await drop(); !dropped) co_return tl::unexpected(dropped.error());
  mark_ = mark;
  if (!no_server_.empty()) {
    measure.outcome = ProbeOutcome::failed;
    measure.why = no_server_;
    co_return false;
  }
  measure.hold = now() - began;
  auto during = co_await look();
  if (!during) co_return tl::unexpected(during.error());
  measure.during = *during;
  co_return true;
}

Task<Result<void>> Probe::make_again(std::string image, ProbeMeasure& measure) {
  const auto mark = mark_;
  std::string address;
  if (may_choose_address_ && measure.before) address = measure.before->address;
  const Time began = now();
  auto made = co_await make(image, address);
  if (!made) co_return tl::unexpected(made.error());
  if (!made->done() && !address.empty()) {
    // Without its address it is no hold, but worth knowing that the image works.
    made = co_await make(image, "");
    if (!made) co_return tl::unexpected(made.error());
  }
  if (!made->done()) {
    measure.outcome = ProbeOutcome::failed;
    measure.why = "no server from the snapshot: " + made->why;
    co_return Result<void>{};
  }
  measure.back = now() - began;
  if (mark && mark_) measure.guest_kept = guest_went_on(*mark, mark_);
  auto after = co_await look();
  if (!after) co_return tl::unexpected(after.error());
  measure.after = *after;
  co_return Result<void>{};
}

Task<Result<void>> Probe::remove() {
  settings_.progress(std::string(to_string(ProbeStep::remove)));
  ProbeMeasure measure;
  measure.step = ProbeStep::remove;
  auto have = co_await have_server(measure);
  if (!have) co_return tl::unexpected(have.error());
  if (*have) {
    auto before = co_await look();
    if (!before) co_return tl::unexpected(before.error());
    measure.before = *before;
    const Time began = now();
    auto answer = co_await servers_.remove(server_);
    if (!answer) co_return tl::unexpected(answer.error());
    set_outcome(measure, *answer);
    server_.clear();
    if (answer->done()) {
      measure.hold = now() - began;
      measure.back = create_took_;
      auto during = co_await look();
      if (!during) co_return tl::unexpected(during.error());
      measure.during = *during;
    }
  }
  report_.measures.push_back(std::move(measure));
  co_return Result<void>{};
}

}  // namespace tidepool
