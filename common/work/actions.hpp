// One API call per function, with the store written before and after. Each may be killed at any
// instruction: the next look at the store and the cloud goes on from there.
#pragma once

#include <string>

#include "base/async.hpp"
#include "openstack/compute.hpp"
#include "work/failures.hpp"
#include "work/pool_ids.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

class Actions {
 public:
  Actions(Surroundings& s, Failures& failures, PoolIdCache& ids)
      : s_(s), failures_(failures), ids_(ids) {}

  // Takes a lease if the node has none, commits it, asks Nova for the server.
  Task<Result<void>> create(std::string node);
  // The server of a node that has its lease still, made again from an image. A refusal is returned
  // and changes nothing; a lost answer leaves create_begun, as in create().
  Task<Result<void>> recreate(std::string node, std::string image_id);
  // Deletes a server of the node; what the node has otherwise stays as it is.
  Task<Result<void>> remove(std::string node, std::string server_id);
  Task<Result<void>> act(std::string node, std::string server_id, openstack::ServerAction action);
  // The lease's end: name and address are free.
  Result<void> release(NodeRecord record);
  // Fetches the console's end into an event, for the person who asks why a boot failed.
  Task<void> keep_console(std::string node, std::string server_id);

 private:
  Result<NodeRecord> reread(const std::string& node);
  Result<void> forget_server(const std::string& node, const std::string& server_id);
  Result<void> take_lease(NodeRecord& record, const PoolNode& place);
  Result<openstack::ServerRequest> request_for(const NodeRecord& record, const Pool& pool,
                                               const PoolIds& ids);
  Surroundings& s_;
  Failures& failures_;
  PoolIdCache& ids_;
};

}  // namespace tidepool
