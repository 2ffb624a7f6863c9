// Hostlists as Slurm writes them: "osg-[001-003,007],gpu1" <-> names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tidepool {

// Expands a hostlist expression, in order, duplicates kept. ErrorKind::invalid names the place of
// the fault. `limit` caps the number of names, so that "n[0-999999999]" is an error and no flood.
// Accepts what slurm.conf(5) accepts: several brackets in one name ("r[1-2]n[1-3]"), a suffix
// after the bracket, zero padding from the range's left end.
Result<std::vector<std::string>> expand_hostlist(std::string_view text, std::size_t limit = 65'536);

// Where a bracket begins whose range pads its ends differently ("osg-[1-010]"), npos: nowhere.
// Slurm takes the left end's padding, which is rarely what was meant; so files of ours refuse it.
std::size_t find_uneven_padding(std::string_view text);

// The sorted (numbers by value), de-duplicated, shortest form with one bracket per prefix and
// width: {"osg-002","osg-001"} -> "osg-[001-002]". slurmctld pairs NodeName= with NodeAddr= by
// position, so callers that pair must sort by sort_hosts() first.
std::string format_hostlist(std::vector<std::string> names);

// Sorts as Slurm does: by text prefix, then by number.
void sort_hosts(std::vector<std::string>& names);
// The same order as a comparison, for maps and sorting pairs.
bool host_less(std::string_view left, std::string_view right);

}  // namespace tidepool
