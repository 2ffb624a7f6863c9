// CurlLoop: curl's multi interface on an Asio event loop. Knows sockets and timers, no requests.
#pragma once

#include <curl/curl.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include "base/async.hpp"

namespace tidepool::openstack {

// The context must outlive the loop. One thread.
class CurlLoop {
 public:
  explicit CurlLoop(boost::asio::io_context& context);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  using Done = std::function<void(CURLcode)>;
  // Starts the transfer. `done` is called once from the event loop, never from here, after the
  // handle has been taken out again; not at all after remove(). The caller keeps the handle.
  CURLMcode add(CURL* easy, Done done);
  // Gives a transfer up; does nothing when it is over.
  void remove(CURL* easy);

 private:
  struct Watch;
  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int on_timer(CURLM*, long milliseconds, void* self);
  void wait_for(const std::shared_ptr<Watch>& watch, bool writing);
  void act(curl_socket_t socket, int events);
  void finish_transfers();

  boost::asio::io_context& context_;
  boost::asio::steady_timer timer_;
  CURLM* multi_;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
  std::map<CURL*, Done> running_;
  // Handlers that are queued when the loop goes away find this gone.
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace tidepool::openstack
