#include "work/probe_file.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "openstack/json_reader.hpp"
#include "work/probe_verdict.hpp"

namespace tidepool {
namespace {

using Json = nlohmann::json;
using Out = nlohmann::ordered_json;
using openstack::JsonReader;

constexpr int kFormat = 1;

Out known(std::optional<bool> value) {
  return value ? Out(*value) : Out(nullptr);
}
Out seconds(std::optional<Millis> value) {
  return value ? Out(static_cast<double>(value->count()) / 1000) : Out(nullptr);
}

Out moment_json(const std::optional<ProbeMoment>& m) {
  if (!m) return nullptr;
  Out out{{"status", m->status},
          {"address", m->address},
          {"quota_used",
           {{"instances", m->limits.used_instances},
            {"cores", m->limits.used_cores},
            {"ram_mib", m->limits.used_ram_mib}}},
          {"others", m->others},
          {"placement", nullptr}};
  if (m->placement)
    out["placement"] = {{"vcpus", m->placement->vcpus},
                        {"ram_mib", m->placement->ram_mib},
                        {"disk_gib", m->placement->disk_gib},
                        {"providers", m->placement->providers}};
  return out;
}

Out releases_json(const ProbeReleases& r) {
  return {{"quota_instances", known(r.instances)},
          {"quota_cores", known(r.cores)},
          {"quota_ram", known(r.ram)},
          {"placement", known(r.placement)},
          {"placement_by", !r.placement              ? Out(nullptr)
                           : r.placement_by_contract ? Out("contract")
                                                     : Out("measured")}};
}

Out measure_json(const ProbeReport& report, const ProbeMeasure& m) {
  const StepVerdict v = judge(report, m);
  const bool done = m.outcome == ProbeOutcome::done;
  std::optional<bool> allowed = true;
  if (m.outcome == ProbeOutcome::forbidden) allowed = false;
  if (m.outcome == ProbeOutcome::not_tried) allowed = std::nullopt;
  return {{"step", to_string(m.step)},
          {"outcome", to_string(m.outcome)},
          {"why", m.why},
          {"allowed", known(allowed)},
          {"keeps_processes", done ? known(v.keeps_processes) : Out(nullptr)},
          {"keeps_processes_by", done ? Out(v.by_contract ? "contract" : "guest") : Out(nullptr)},
          {"keeps_address", known(v.keeps_address)},
          {"releases", releases_json(v.releases)},
          {"hold_seconds", seconds(m.hold)},
          {"back_seconds", seconds(m.back)},
          {"guest_kept", known(m.guest_kept)},
          {"before", moment_json(m.before)},
          {"during", moment_json(m.during)},
          {"after", moment_json(m.after)}};
}

Result<void> read_moment(const Json& parent, const char* key, std::optional<ProbeMoment>& out) {
  JsonReader reader(parent, "measure");
  const Json* object = reader.object(key);
  if (auto ok = reader.done(); !ok || object == nullptr) return ok;
  ProbeMoment m;
  JsonReader fields(*object, key);
  fields.text("status", m.status).text("address", m.address).text("others", m.others);
  const Json* quota = fields.object("quota_used");
  const Json* placement = fields.object("placement");
  if (auto ok = fields.done(); !ok) return ok;
  if (quota != nullptr) {
    auto ok = JsonReader(*quota, "quota_used")
                  .number("instances", m.limits.used_instances)
                  .number("cores", m.limits.used_cores)
                  .number("ram_mib", m.limits.used_ram_mib)
                  .done();
    if (!ok) return ok;
  }
  if (placement != nullptr) {
    openstack::Allocations a;
    auto ok = JsonReader(*placement, "placement")
                  .number("vcpus", a.vcpus)
                  .number("ram_mib", a.ram_mib)
                  .number("disk_gib", a.disk_gib)
                  .number("providers", a.providers)
                  .done();
    if (!ok) return ok;
    m.placement = a;
  }
  out = std::move(m);
  return {};
}

std::optional<Millis> read_seconds(const Json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_number()) return std::nullopt;
  return Millis(static_cast<std::int64_t>(it->get<double>() * 1000 + 0.5));
}

Result<ProbeMeasure> read_measure(const Json& object) {
  ProbeMeasure m;
  std::string step, outcome;
  auto ok = JsonReader(object, "measure")
                .required("step", step)
                .required("outcome", outcome)
                .text("why", m.why)
                .done();
  if (!ok) return tl::unexpected(ok.error());
  bool found = false;
  for (const auto s : kProbeSteps)
    if (to_string(s) == step) m.step = s, found = true;
  if (!found) return fail(ErrorKind::invalid, "unknown step " + step);
  found = false;
  for (const auto o : {ProbeOutcome::done, ProbeOutcome::forbidden, ProbeOutcome::refused,
                       ProbeOutcome::failed, ProbeOutcome::slow, ProbeOutcome::not_tried})
    if (to_string(o) == outcome) m.outcome = o, found = true;
  if (!found) return fail(ErrorKind::invalid, "unknown outcome " + outcome);
  m.hold = read_seconds(object, "hold_seconds");
  m.back = read_seconds(object, "back_seconds");
  if (const auto it = object.find("guest_kept"); it != object.end() && it->is_boolean())
    m.guest_kept = it->get<bool>();
  if (auto read = read_moment(object, "before", m.before); !read)
    return tl::unexpected(read.error());
  if (auto read = read_moment(object, "during", m.during); !read)
    return tl::unexpected(read.error());
  if (auto read = read_moment(object, "after", m.after); !read) return tl::unexpected(read.error());
  return m;
}

}  // namespace

std::filesystem::path probe_file(const std::filesystem::path& state_dir, const std::string& pool) {
  return state_dir / (pool.empty() ? std::string("probe.json") : "probe-" + pool + ".json");
}

Out probe_json(const ProbeReport& r) {
  Out out{{"format", kFormat},
          {"at", format_time(r.at)},
          {"cluster", r.cluster},
          {"cloud", r.cloud},
          {"auth_url", r.auth_url},
          {"project", r.project},
          {"user", r.user},
          {"roles", r.roles},
          {"pool", r.pool},
          {"flavor", {{"name", r.flavor}, {"vcpus", r.vcpus}, {"ram_mib", r.ram_mib}}},
          {"image", r.image},
          {"network", r.network},
          {"placement_not_visible", r.placement_note},
          {"steps", Out::array()},
          {"modes", Out::array()}};
  for (const auto& m : r.measures) out["steps"].push_back(measure_json(r, m));
  for (const auto mode : kHoldModes) {
    const ModeVerdict v = judge(r, mode);
    out["modes"].push_back({{"mode", to_string(mode)},
                            {"usable", known(v.usable)},
                            {"why_not", v.why_not},
                            {"remark", v.remark},
                            {"keeps_processes", known(v.keeps_processes)},
                            {"releases", releases_json(v.releases)}});
  }
  return out;
}

Result<ProbeReport> probe_from_json(const std::string& text) {
  const Json root = Json::parse(text, nullptr, false);
  if (!root.is_object()) return fail(ErrorKind::invalid, "it is not a JSON object");
  ProbeReport r;
  int format = 0;
  std::string at;
  JsonReader reader(root, "probe");
  reader.number("format", format)
      .required("at", at)
      .text("cluster", r.cluster)
      .text("cloud", r.cloud)
      .text("auth_url", r.auth_url)
      .text("project", r.project)
      .text("user", r.user)
      .text("pool", r.pool)
      .text("image", r.image)
      .text("network", r.network)
      .text("placement_not_visible", r.placement_note);
  const Json* roles = reader.array("roles");
  const Json* flavor = reader.object("flavor");
  const Json* steps = reader.array("steps");
  if (auto ok = reader.done(); !ok) return tl::unexpected(ok.error());
  if (format != kFormat)
    return fail(ErrorKind::invalid, fmt::format("it has format {}, not {}", format, kFormat));
  auto time = parse_time(at);
  if (!time) return tl::unexpected(time.error());
  r.at = *time;
  for (std::size_t i = 0; roles != nullptr && i < roles->size(); ++i)
    if ((*roles)[i].is_string()) r.roles.push_back((*roles)[i].get<std::string>());
  if (flavor != nullptr) {
    auto ok = JsonReader(*flavor, "flavor")
                  .text("name", r.flavor)
                  .number("vcpus", r.vcpus)
                  .number("ram_mib", r.ram_mib)
                  .done();
    if (!ok) return tl::unexpected(ok.error());
  }
  for (std::size_t i = 0; steps != nullptr && i < steps->size(); ++i) {
    auto measure = read_measure((*steps)[i]);
    if (!measure) return tl::unexpected(measure.error());
    r.measures.push_back(std::move(*measure));
  }
  return r;
}

Result<void> save_probe(const std::filesystem::path& state_dir, const ProbeReport& report,
                        bool whole) {
  const std::string text =
      probe_json(report).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return write_file_atomically(probe_file(state_dir, whole ? "" : report.pool), text, 0600);
}

Result<std::optional<ProbeReport>> load_probe(const std::filesystem::path& state_dir,
                                              const std::string& pool) {
  for (const auto& path : {probe_file(state_dir, pool), probe_file(state_dir, "")}) {
    auto text = read_file(path, 1u << 20);
    if (!text) {
      std::error_code ec;
      if (!std::filesystem::exists(path, ec) && !ec) continue;
      return tl::unexpected(text.error());
    }
    auto report = probe_from_json(*text);
    if (!report)
      return fail(ErrorKind::invalid, fmt::format("{}: {}; delete it and probe again",
                                                  path.string(), report.error().message));
    return std::optional<ProbeReport>(std::move(*report));
  }
  return std::optional<ProbeReport>();
}

}  // namespace tidepool
