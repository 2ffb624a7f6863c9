#include "work/reclaim_books.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "work/probe_verdict.hpp"

namespace tidepool {
namespace {

bool leaves_its_host(HoldMode mode) {
  switch (mode) {
    case HoldMode::pause:
    case HoldMode::suspend:
    case HoldMode::stop:
      return false;
    case HoldMode::hibernate:
    case HoldMode::shelve:
    case HoldMode::snapshot:
    case HoldMode::requeue:
      return true;
  }
  return false;
}

bool is_deleted(HoldMode mode) {
  return mode == HoldMode::snapshot || mode == HoldMode::requeue;
}

ProbeReleases measured(HoldMode mode, const std::optional<ProbeReport>& report) {
  return report ? judge(*report, mode).releases : ProbeReleases{};
}

std::int64_t free_of(int limit, int used) {
  return limit < 0 ? kPlenty : std::max<std::int64_t>(0, std::int64_t{limit} - used);
}

}  // namespace

Amount size_of(const openstack::Flavor& flavor) {
  return {1, flavor.vcpus, flavor.ram_mib};
}

Amount quota_room(const openstack::Limits& l) {
  return {free_of(l.max_instances, l.used_instances), free_of(l.max_cores, l.used_cores),
          free_of(l.max_ram_mib, l.used_ram_mib)};
}

Amount quota_limits(const openstack::Limits& l) {
  return {free_of(l.max_instances, 0), free_of(l.max_cores, 0), free_of(l.max_ram_mib, 0)};
}

Amount freed_in(Book book, HoldMode mode, const Amount& size,
                const std::optional<ProbeReport>& report) {
  const ProbeReleases r = measured(mode, report);
  switch (book) {
    case Book::hypervisor:
      return mode == HoldMode::pause ? Amount{} : size;
    case Book::placement:
      return r.placement.value_or(leaves_its_host(mode)) ? size : Amount{};
    case Book::quota:
      break;
  }
  const bool gone = is_deleted(mode);
  Amount freed;
  if (r.instances.value_or(gone)) freed.instances = size.instances;
  if (r.cores.value_or(gone)) freed.cores = size.cores;
  if (r.ram.value_or(gone)) freed.ram_mib = size.ram_mib;
  return freed;
}

Amount freed_by_idle(Book book, const Pool& pool, const Amount& size,
                     const std::optional<ProbeReport>& report) {
  switch (pool.on_suspend) {
    case OnSuspend::remove:
      return size;
    case OnSuspend::stop:
      return freed_in(book, HoldMode::stop, size, report);
    case OnSuspend::shelve:
      return freed_in(book, HoldMode::shelve, size, report);
    case OnSuspend::suspend:
      return freed_in(book, HoldMode::suspend, size, report);
  }
  return {};
}

std::string frees_nothing(Book book, HoldMode mode, const std::optional<ProbeReport>& report) {
  const bool known = report && judge(*report, mode).usable.has_value();
  const char* source = known ? "measured on this cloud" : "not measured: run 'tidepool probe'";
  const Amount one{1, 1, 1};
  const bool hypervisor = !freed_in(Book::hypervisor, mode, one, report).none();
  const bool placement = !freed_in(Book::placement, mode, one, report).none();
  std::string frees = "frees nothing of the books";
  if (book == Book::quota && placement)
    frees = "frees placement's room, but not the quota";
  else if (book == Book::quota && hypervisor)
    frees = "frees the hypervisor, but neither placement nor the quota";
  else if (book == Book::placement && hypervisor)
    frees = "frees the hypervisor, but not placement";
  return fmt::format("{} {} ({})", to_string(mode), frees, source);
}

Amount missing_of(const Amount& need, const Amount& have) {
  const Amount left = need - have;
  return {std::max<std::int64_t>(0, left.instances), std::max<std::int64_t>(0, left.cores),
          std::max<std::int64_t>(0, left.ram_mib)};
}

Amount least_of(const Amount& a, const Amount& b) {
  return {std::min(a.instances, b.instances), std::min(a.cores, b.cores),
          std::min(a.ram_mib, b.ram_mib)};
}

}  // namespace tidepool
