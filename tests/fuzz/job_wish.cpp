// Any admin_comment: a wish that can be written and read again, and other text that stays.
#include "config/job_wish.hpp"

#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = tidepool::read_job_wish(text);
  promise(tidepool::contradiction_in(read.wish).empty(), "a wish does not contradict itself");
  for (const auto& fault : read.faults) promise(!fault.empty(), "a fault has words");
  const auto written = tidepool::with_job_wish(text, read.wish);
  const auto again = tidepool::read_job_wish(written);
  promise(again.faults.empty() && again.wish == read.wish, "what is written can be read");
  promise(tidepool::with_job_wish(written, read.wish) == written, "written twice is written once");
  const auto without = tidepool::with_job_wish(text, {});
  promise(tidepool::read_job_wish(without).wish.empty(), "taken out is out");
  promise(without.size() <= text.size(), "nothing is made up");
  (void)tidepool::parse_max_held(text);
  return 0;
}
