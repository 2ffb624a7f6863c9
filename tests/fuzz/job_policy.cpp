// Any text: refused with a line, or a policy that can be written, read again and applied.
#include "config/job_policy.hpp"

#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policy = tidepool::parse_job_policy(text);
  if (!policy) {
    promise(policy.error().message.starts_with("line "), "a refusal names its line");
    return 0;
  }
  const auto again = tidepool::parse_job_policy(tidepool::format_job_policy(*policy, "fuzz"));
  promise(again.has_value() && *again == *policy, "what is written can be read");
  for (const auto& partition : policy->partitions) {
    const auto wish = tidepool::apply_job_policy(*policy, partition.name, {});
    promise(wish.has_value(), "who asks for nothing is never refused");
    promise(wish->max_held == partition.max_held, "the partition's limit is written");
  }
  (void)tidepool::apply_job_policy(*policy, text.substr(0, 200), {{}, {}, true});
  return 0;
}
