// Which output still has to deliver which event.
#include "faces/store/cursor.h"
#include "faces/store/query.h"
#include "faces/store/rows.h"

namespace facepipe::faces {

Status set_outputs(const Tables& tables, std::span<const std::string> outputs) {
  for (const std::string& name : outputs) {
    FACEPIPE_TRY(tables.database.statement("INSERT INTO output (name) VALUES (?) ON CONFLICT (name) DO NOTHING")
                     .bind(std::string_view(name))
                     .run());
  }
  std::vector<std::int64_t> dropped;
  {
    sqlite::Statement select = tables.database.statement("SELECT id, name FROM output");
    FACEPIPE_TRY(select.each([&] {
      if (std::ranges::find(outputs, select.text(1)) == outputs.end()) {
        dropped.push_back(select.integer(0));
      }
    }));
  }
  for (const std::int64_t output : dropped) {
    FACEPIPE_TRY(tables.database.statement("DELETE FROM delivery WHERE output = ?").bind(output).run());
    FACEPIPE_TRY(tables.database.statement("DELETE FROM output WHERE id = ?").bind(output).run());
  }
  return {};
}

// None behind one that waits for its time: an output gets its events in order.
Result<std::vector<std::pair<Delivery, Event>>> due(const Tables& tables, const std::string& output, std::size_t limit,
                                                    std::int64_t now_ms) {
  FACEPIPE_TRY(check_limit(limit));
  std::vector<std::pair<Delivery, Event>> found;
  sqlite::Statement select = tables.database.statement(
      "SELECT event.id, event.key, event.type, event.time_ms, event.json, delivery.attempts, delivery.due_ms, "
      "delivery.error FROM delivery JOIN event ON event.id = delivery.event "
      "WHERE delivery.output = (SELECT id FROM output WHERE name = ?) AND delivery.dead = 0 "
      "ORDER BY delivery.event LIMIT ?");
  select.bind(std::string_view(output)).bind(static_cast<std::int64_t>(limit));
  const std::int64_t latest_ms = now_ms + std::chrono::milliseconds(kLongestWait).count();
  while (true) {
    FACEPIPE_ASSIGN(const bool more, select.step());
    if (!more || (select.integer(6) > now_ms && select.integer(6) <= latest_ms)) {
      return found;
    }
    FACEPIPE_ASSIGN(Event event, read_event(tables, select, 0));
    Delivery delivery;
    delivery.event = event.id;
    delivery.output = output;
    delivery.attempts = static_cast<int>(select.integer(5));
    delivery.due = from_ms(select.integer(6));
    delivery.error = select.text(7);
    found.emplace_back(std::move(delivery), std::move(event));
  }
}

Status delivered(const Tables& tables, const std::string& output, std::span<const EventId> events) {
  for (const EventId event : events) {
    FACEPIPE_TRY(
        tables.database
            .statement("DELETE FROM delivery WHERE output = (SELECT id FROM output WHERE name = ?) AND event = ?")
            .bind(std::string_view(output))
            .bind(number(event))
            .run());
  }
  return {};
}

Status put_off(const Tables& tables, const Delivery& delivery) {
  return tables.database
      .statement(
          "UPDATE delivery SET attempts = ?, due_ms = ?, dead = ?, error = ? "
          "WHERE output = (SELECT id FROM output WHERE name = ?) AND event = ?")
      .bind(std::int64_t{delivery.attempts}, to_ms(delivery.due), std::int64_t{delivery.dead})
      .bind(std::string_view(delivery.error))
      .bind(std::string_view(delivery.output))
      .bind(number(delivery.event))
      .run();
}

Result<Page<Delivery>> dead_page(const Tables& tables, const PageRequest& page) {
  FACEPIPE_TRY(check_limit(page.limit));
  const Question question("dead deliveries");
  FACEPIPE_ASSIGN(const std::optional<Place> place, parse_cursor(question, page.after));
  sqlite::Statement select = tables.database.statement(
      "SELECT delivery.event, delivery.output, output.name, attempts, due_ms, error, key, type, time_ms "
      "FROM delivery INDEXED BY delivery_dead JOIN output ON output.id = delivery.output "
      "JOIN event ON event.id = delivery.event WHERE dead = 1 AND (delivery.event, delivery.output) < (?, ?) "
      "ORDER BY delivery.event DESC, delivery.output DESC LIMIT ?");
  const std::int64_t end = std::numeric_limits<std::int64_t>::max();
  select.bind(place ? place->key : end, place ? place->seq : end, static_cast<std::int64_t>(page.limit) + 1);
  return read_page<Delivery>(std::move(select), question, page.limit,
                             [&](const sqlite::Statement& row) -> Result<Delivery> {
                               Delivery delivery;
                               delivery.event = static_cast<EventId>(row.integer(0));
                               delivery.output = row.text(2);
                               delivery.attempts = static_cast<int>(row.integer(3));
                               delivery.due = from_ms(row.integer(4));
                               delivery.dead = true;
                               delivery.error = row.text(5);
                               delivery.key = row.text(6);
                               delivery.type = row.text(7);
                               delivery.time = from_ms(row.integer(8));
                               return delivery;
                             });
}

Result<std::int64_t> retry_dead(const Tables& tables, const std::string& output, std::int64_t now_ms) {
  FACEPIPE_TRY(tables.database
                   .statement("UPDATE delivery SET dead = 0, attempts = 0, due_ms = ? "
                              "WHERE dead = 1 AND output = (SELECT id FROM output WHERE name = ?)")
                   .bind(now_ms)
                   .bind(std::string_view(output))
                   .run());
  return tables.database.changes();
}

}  // namespace facepipe::faces
