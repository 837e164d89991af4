#include "cassandra/session/shared_session.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "cassandra/policy/error_policy.hpp"

namespace bytestore::cassandra {

SessionCore::SessionCore(std::unique_ptr<Session> driver, SessionSettings settings, Timers& timers,
                         const WindowBounds& window)
    : settings_(std::move(settings)),
      timers_(timers),
      window_(window),
      watch_(std::make_shared<SilenceWatch>(timers, window_, settings_.retries.give_up_after)),
      log_(make_event_log(settings_.log)),
      driver_(std::move(driver)) {
  window_.watch_by([watch = watch_.get()] { watch->look(); });
}

SessionCore::~SessionCore() { watch_->stop(); }

void start_sending(const std::shared_ptr<SessionCore>& session,
                   std::shared_ptr<Window::Sender> sender) noexcept {
  if (!session->window().queue(std::move(sender))) return;  // who makes room sends
  try {
    session->driver().run_on_driver([session] { session->window().send(); });
  } catch (const std::exception&) {
    session->window().send();  // and each request tells what is wrong
  }
}

void report_warnings(const SessionCore& session, const Rows& rows, std::string_view doing) {
  for (const std::string& warning : rows.warnings()) {
    session.log().report(Event::server_warning, session.timers().now(),
                         [&] { return fmt::format("a server warns of {}: {}", doing, warning); });
  }
}

void report_retry(const SessionCore& session, const DriverError& error, std::string_view doing) {
  session.log().report(Event::retry, session.timers().now(),
                       [&] { return "tried again: " + describe(error, doing); });
}

}  // namespace bytestore::cassandra
