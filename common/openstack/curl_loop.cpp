#include "openstack/curl_loop.hpp"

#include <boost/system/error_code.hpp>
#include <chrono>
#include <utility>

namespace tidepool::openstack {

// One of curl's sockets. The descriptor belongs to curl: it is released, never closed, by us.
struct CurlLoop::Watch {
  Watch(boost::asio::io_context& context, curl_socket_t socket)
      : descriptor(context, socket), number(socket) {}
  ~Watch() { descriptor.release(); }
  boost::asio::posix::stream_descriptor descriptor;
  curl_socket_t number;
  bool wants_read = false, wants_write = false;
  bool reading = false, writing = false;  // a wait is queued
  bool gone = false;                      // curl has let go of the socket
};

CurlLoop::CurlLoop(boost::asio::io_context& context)
    : context_(context), timer_(context), multi_(nullptr) {
  [[maybe_unused]] static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 32L);
}

CurlLoop::~CurlLoop() {
  alive_.reset();
  timer_.cancel();
  for (auto& [easy, done] : std::exchange(running_, {})) curl_multi_remove_handle(multi_, easy);
  watches_.clear();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, nullptr);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  curl_multi_cleanup(multi_);
}

CURLMcode CurlLoop::add(CURL* easy, Done done) {
  running_[easy] = std::move(done);
  const CURLMcode code = curl_multi_add_handle(multi_, easy);
  if (code != CURLM_OK) running_.erase(easy);
  return code;
}

void CurlLoop::remove(CURL* easy) {
  if (running_.erase(easy) != 0) curl_multi_remove_handle(multi_, easy);
}

int CurlLoop::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& loop = *static_cast<CurlLoop*>(self);
  if (what == CURL_POLL_REMOVE) {
    const auto found = loop.watches_.find(socket);
    if (found == loop.watches_.end()) return 0;
    // Queued waits hold the watch too, and curl closes the socket after this call: let go now.
    found->second->gone = true;
    found->second->descriptor.release();
    loop.watches_.erase(found);
    return 0;
  }
  auto& watch = loop.watches_[socket];
  if (!watch) watch = std::make_shared<Watch>(loop.context_, socket);
  watch->wants_read = (what & CURL_POLL_IN) != 0;
  watch->wants_write = (what & CURL_POLL_OUT) != 0;
  if (watch->wants_read) loop.wait_for(watch, false);
  if (watch->wants_write) loop.wait_for(watch, true);
  return 0;
}

void CurlLoop::wait_for(const std::shared_ptr<Watch>& watch, bool writing) {
  bool& queued = writing ? watch->writing : watch->reading;
  if (queued) return;
  queued = true;
  using Wait = boost::asio::posix::stream_descriptor;
  watch->descriptor.async_wait(
      writing ? Wait::wait_write : Wait::wait_read,
      [this, watch, writing, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
        (writing ? watch->writing : watch->reading) = false;
        if (error || watch->gone || alive.expired()) return;
        if (!(writing ? watch->wants_write : watch->wants_read)) return;
        act(watch->number, writing ? CURL_CSELECT_OUT : CURL_CSELECT_IN);
        if (alive.expired() || watch->gone) return;
        if (writing ? watch->wants_write : watch->wants_read) wait_for(watch, writing);
      });
}

int CurlLoop::on_timer(CURLM*, long milliseconds, void* self) {
  auto& loop = *static_cast<CurlLoop*>(self);
  if (milliseconds < 0) {
    loop.timer_.cancel();
    return 0;
  }
  loop.timer_.expires_after(std::chrono::milliseconds(milliseconds));
  loop.timer_.async_wait(
      [&loop, alive = std::weak_ptr(loop.alive_)](boost::system::error_code error) {
        if (!error && !alive.expired()) loop.act(CURL_SOCKET_TIMEOUT, 0);
      });
  return 0;
}

void CurlLoop::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  finish_transfers();
}

void CurlLoop::finish_transfers() {
  const std::weak_ptr<int> alive = alive_;
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;  // the message dies with remove_handle
    curl_multi_remove_handle(multi_, easy);
    const auto found = running_.find(easy);
    if (found == running_.end()) continue;
    Done done = std::move(found->second);
    running_.erase(found);
    done(code);
    if (alive.expired()) return;
  }
}

}  // namespace tidepool::openstack
