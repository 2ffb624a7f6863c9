#include "cloud/quota.hpp"

namespace tidepool::sim {
namespace {

struct Line {
  const char* name;
  long each, used, limit;
  bool exceeded(long count) const { return limit >= 0 && used + each * count > limit; }
};

void append(std::string& list, const std::string& item) {
  list += (list.empty() ? "" : ", ") + item;
}

}  // namespace

Room room_for(const Cloud& cloud, const std::string& project_id, const Flavor& flavor, long least,
              long most) {
  const Quota& quota = cloud.projects.at(project_id).quota;
  const Usage used = cloud.usage(project_id);
  // In the order of nova's message, which is that of the alphabet.
  const Line lines[] = {{"cores", flavor.vcpus, used.cores, quota.cores},
                        {"instances", 1, used.instances, quota.instances},
                        {"ram", flavor.ram, used.ram, quota.ram}};
  long count = most;
  const auto exceeded = [&lines](long n) {
    return lines[0].exceeded(n) || lines[1].exceeded(n) || lines[2].exceeded(n);
  };
  while (count >= least && exceeded(count)) --count;
  if (count >= least) return {count, ""};
  std::string names, requested, taken, limits;
  for (const Line& line : lines) {
    if (!line.exceeded(least)) continue;
    append(names, line.name);
    append(requested, std::to_string(line.each * least));
    append(taken, std::to_string(line.used));
    append(limits, std::to_string(line.limit));
  }
  return {0, "Quota exceeded for " + names + ": Requested " + requested + ", but already used " +
                 taken + " of " + limits + " " + names};
}

}  // namespace tidepool::sim
