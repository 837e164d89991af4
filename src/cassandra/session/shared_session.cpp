#include "cassandra/session/shared_session.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "cassandra/policy/error_policy.hpp"

namespace bytestore::cassandra {

SharedSession::SharedSession(std::unique_ptr<DriverSession> driver, SessionSettings settings,
                             core::Timers& timers, const WindowBounds& window)
    : settings_(std::move(settings)),
      partitioner_(settings_.partitioner),
      timers_(timers),
      window_(window),
      watch_(std::make_shared<SilenceWatch>(timers, window_, settings_.retries.give_up_after)),
      log_(make_event_log(settings_.log)),
      driver_(std::move(driver)),
      node_watch_(std::make_unique<NodeWatch>()) {
  window_.watch_by([watch = watch_.get()] { watch->look(); });
  driver_->notices_to([log = log_, &timers](std::string_view notice) {
    log->report(Event::connections, timers.now(), [&] { return std::string(notice); });
  });
}

SharedSession::~SharedSession() { watch_->stop(); }

void start_sending(const std::shared_ptr<SharedSession>& session,
                   std::shared_ptr<Window::Sender> sender) noexcept {
  if (!session->window().queue(std::move(sender))) return;  // who makes room sends
  try {
    session->driver().run_on_driver([session] { session->window().send(); });
  } catch (const std::exception&) {
    session->window().send();  // and each request tells what is wrong
  }
}

void report_warnings(const SharedSession& session, const Rows& rows, std::string_view operation) {
  for (const std::string& warning : rows.warnings()) {
    session.log().report(Event::server_warning, session.timers().now(), [&] {
      return fmt::format("a server warns of {}: {}", operation, warning);
    });
  }
}

RetryMoment retry_moment(SharedSession& session) {
  return {.now = session.timers().now(), .alive = session.life().last(), .jitter = random_jitter()};
}

void report_retry(const SharedSession& session, const DriverError& error,
                  std::string_view operation) {
  session.log().report(Event::retry, session.timers().now(),
                       [&] { return "tried again: " + describe(error, operation); });
}

}  // namespace bytestore::cassandra
