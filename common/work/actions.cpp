#include "work/actions.hpp"

#include <fmt/format.h>

#include "work/node_user_data.hpp"
#include "work/uuid.hpp"

namespace tidepool {

Result<NodeRecord> Actions::reread(const std::string& node) {
  auto found = s_.store.node(node);
  if (!found) return tl::unexpected(found.error());
  if (!*found) return fail(ErrorKind::not_found, node + ": not in the store any more");
  return std::move(**found);
}

Result<void> Actions::forget_server(const std::string& node, const std::string& server_id) {
  auto record = reread(node);
  if (!record) return tl::unexpected(record.error());
  if (record->server_id != server_id) return {};
  record->server_id.clear();
  record->server_state = NodeRecord::kDoomed;
  // The next server's address is for the network to say.
  if (const auto place = s_.pools.find(node); place.node != nullptr && !place.node->address)
    record->address.clear();
  record->active_since = {};
  record->registered = false;
  return s_.store.save(*record);
}

Result<void> Actions::take_lease(NodeRecord& record, const PoolNode& place) {
  record.lease_id = random_uuid();
  record.address = place.address ? place.address->str() : std::string();
  record.lease_since = now();
  record.server_id.clear();
  record.create_begun = {};
  auto saved = s_.store.save(record);
  if (!saved && saved.error().kind == ErrorKind::conflict)
    return fail(ErrorKind::address_in_use,
                fmt::format("address {} is leased to another node; see 'tidepool pool list'",
                            record.address));
  return saved;
}

Result<openstack::ServerRequest> Actions::request_for(const NodeRecord& record, const Pool& pool,
                                                      const PoolIds& ids) {
  openstack::ServerRequest request;
  request.name = record.name;
  request.flavor_id = ids.flavor;
  request.image_id = ids.image;
  request.network_id = ids.network;
  if (const auto place = s_.pools.find(record.name); place.node != nullptr && place.node->address)
    request.fixed_ip = place.node->address->str();
  request.metadata = {{openstack::kMetaCluster, s_.pools.cluster},
                      {openstack::kMetaNode, record.name},
                      {openstack::kMetaLease, record.lease_id},
                      {openstack::kMetaPool, pool.name}};
  request.key_name = pool.key_name;
  request.availability_zone = pool.availability_zone;
  request.security_groups = pool.security_groups;
  request.config_drive = pool.config_drive;
  auto data = node_user_data(s_.pools, pool, record.name, record.extras);
  if (!data) return tl::unexpected(data.error());
  request.user_data = std::move(*data);
  return request;
}

Task<Result<void>> Actions::create(std::string node) {
  const auto place = s_.pools.find(node);
  // Look-ups come before the permit: they are shared by the whole pool and usually cached.
  Result<PoolIds> ids = fail(ErrorKind::invalid, node + ": in no pool of the pool file");
  if (place.pool != nullptr) ids = co_await ids_.get(*place.pool);
  auto permit = co_await s_.limiter.acquire();
  auto record = reread(node);
  if (!record) co_return tl::unexpected(record.error());
  // Much may have happened while this waited for its turn.
  if (record->fresh_want() || record->failure || record->wanted != Wanted::present)
    co_return Result<void>{};
  if (!ids) co_return failures_.failed_try(*record, ids.error());
  auto rest = failures_.resting(place.pool->name);
  if (!rest) co_return tl::unexpected(rest.error());
  if (*rest) co_return failures_.refuse(*record, **rest);

  if (!record->leased()) {
    if (auto leased = take_lease(*record, *place.node); !leased) {
      if (leased.error().kind != ErrorKind::address_in_use) co_return leased;
      auto clean = reread(node);
      if (!clean) co_return tl::unexpected(clean.error());
      co_return failures_.failed_try(*clean, leased.error());
    }
  }
  auto request = request_for(*record, *place.pool, *ids);
  if (!request) co_return failures_.failed_try(*record, request.error());
  record->create_begun = now();
  if (auto saved = s_.store.save(*record); !saved) co_return saved;

  const auto began = std::chrono::steady_clock::now();
  auto made = co_await s_.cloud.compute().create_server(std::move(*request));
  permit.done(began, made ? nullptr : &made.error());

  record = reread(node);
  if (!record) co_return tl::unexpected(record.error());
  if (made) {
    record->server_id = *made;
    record->create_begun = {};
    record->attempts = 0;
    record->last_error.clear();
    record->server_state = "building";
    note(s_.store, LogLevel::info, {node, "server created", record->address, *made, ""});
    co_return s_.store.save(*record);
  }
  const Error& error = made.error();
  if (error.kind == ErrorKind::bad_request || error.kind == ErrorKind::not_found) ids_.forget();
  // In doubt from now on: the answer may be lost, the server may come. The want may have changed
  // meanwhile; judging the failure is only for those that still want it.
  record->create_begun = error.maybe_done ? now() : Time{};
  if (record->failure || record->wanted != Wanted::present) co_return s_.store.save(*record);
  co_return failures_.failed_try(*record, error);
}

Task<Result<void>> Actions::recreate(std::string node, std::string image_id) {
  const auto place = s_.pools.find(node);
  if (place.pool == nullptr)
    co_return fail(ErrorKind::invalid, node + ": in no pool of the pool file");
  auto ids = co_await ids_.get(*place.pool);
  if (!ids) co_return fail(Error(ids.error()));
  ids->image = std::move(image_id);
  auto permit = co_await s_.limiter.acquire();
  auto record = reread(node);
  if (!record) co_return tl::unexpected(record.error());
  auto request = request_for(*record, *place.pool, *ids);
  if (!request) co_return fail(Error(request.error()));
  record->create_begun = now();
  record->server_id.clear();
  if (auto saved = s_.store.save(*record); !saved) co_return saved;
  const auto began = std::chrono::steady_clock::now();
  auto made = co_await s_.cloud.compute().create_server(std::move(*request));
  permit.done(began, made ? nullptr : &made.error());
  record = reread(node);
  if (!record) co_return tl::unexpected(record.error());
  record->create_begun = !made && made.error().maybe_done ? now() : Time{};
  if (made) {
    record->server_id = *made;
    record->server_state = "building";
    note(s_.store, LogLevel::info, {node, "server created", "from its image", *made, ""});
  }
  if (auto saved = s_.store.save(*record); !saved) co_return saved;
  if (!made) co_return fail(Error(made.error()));
  co_return Result<void>{};
}

Task<Result<void>> Actions::remove(std::string node, std::string server_id) {
  auto permit = co_await s_.limiter.acquire();
  // Forgotten before Nova is asked: should we die, or the answer be lost, a server that is gone by
  // our own hand must not look as if somebody else had deleted it. One that is still there is found
  // again by its lease, and deleted again (NodeRecord::doomed()).
  if (auto forgotten = forget_server(node, server_id); !forgotten) co_return forgotten;
  const auto began = std::chrono::steady_clock::now();
  auto gone = co_await s_.cloud.compute().delete_server(server_id);
  permit.done(began, gone ? nullptr : &gone.error());
  auto record = reread(node);
  if (!record) co_return tl::unexpected(record.error());
  if (!gone) co_return failures_.failed_try(*record, gone.error());
  record->attempts = 0;
  record->next_try = {};
  note(s_.store, LogLevel::info, {node, "server deleted", "", server_id, ""});
  co_return s_.store.save(*record);
}

Task<Result<void>> Actions::act(std::string node, std::string server_id,
                                openstack::ServerAction action) {
  auto permit = co_await s_.limiter.acquire();
  const auto began = std::chrono::steady_clock::now();
  auto accepted = co_await s_.cloud.compute().act(server_id, action);
  permit.done(began, accepted ? nullptr : &accepted.error());
  auto record = reread(node);
  if (!record) co_return tl::unexpected(record.error());
  if (!accepted) co_return failures_.failed_try(*record, accepted.error());
  record->attempts = 0;
  note(s_.store, LogLevel::info,
       {node, fmt::format("server {}", openstack::to_string(action)), "", server_id, ""});
  co_return s_.store.save(*record);
}

Result<void> Actions::release(NodeRecord record) {
  note(s_.store, LogLevel::info, {record.name, "lease ended", record.address, "", ""});
  record.lease_id.clear();
  record.address.clear();
  record.lease_since = {};
  record.server_id.clear();
  record.server_state.clear();
  record.create_begun = {};
  record.active_since = {};
  record.registered = false;
  record.attempts = 0;
  record.next_try = {};
  return s_.store.save(record);
}

Task<void> Actions::keep_console(std::string node, std::string server_id) {
  auto text = co_await s_.cloud.compute().console_log(server_id, 40);
  if (text) note(s_.store, LogLevel::info, {node, "console", *text, server_id, ""});
}

}  // namespace tidepool
