"""Makes `faults/mysql.jsonl`: faults by hand, after the reference manual of MySQL. Run as a module, by hand."""

from __future__ import annotations

from tests.planner.checks.corpus import Fault, write_faults

BASE = """\
CREATE TABLE customers (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  email VARCHAR(255) NOT NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY customers_email (email)
) ENGINE=InnoDB;

CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  customer_id BIGINT UNSIGNED NOT NULL,
  total_cents BIGINT NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
) ENGINE=InnoDB;

CREATE INDEX orders_by_customer ON orders (customer_id);
"""

HAND = (
    ("a comma too many", "email VARCHAR(255) NOT NULL,", "email VARCHAR(255) NOT NULL,,"),
    ("a comma at the end", "UNIQUE KEY customers_email (email)\n", "UNIQUE KEY customers_email (email),\n"),
    ("no comma", "total_cents BIGINT NOT NULL,", "total_cents BIGINT NOT NULL"),
    ("a bracket that is not closed", "VARCHAR(255)", "VARCHAR(255"),
    ("a slip in a word", "CREATE TABLE orders", "CREATE TABEL orders"),
    ("a reference without REFERENCES", "REFERENCES customers (id)", "customers (id)"),
    ("a key without columns", "  PRIMARY KEY (id),\n  CONSTRAINT", "  PRIMARY KEY,\n  CONSTRAINT"),
    ("an index without a table", "ON orders (customer_id)", "(customer_id)"),
    ("a table without a name", "CREATE TABLE customers (", "CREATE TABLE ("),
    ("NOT without NULL", "total_cents BIGINT NOT NULL", "total_cents BIGINT NOT"),
)


def main() -> None:
    """Write the faults."""
    made: list[Fault] = []
    for number, (how, old, new) in enumerate(HAND, 1):
        if BASE.count(old) != 1:
            raise AssertionError(f"{how}: stands {BASE.count(old)} times")
        made.append(
            Fault(
                id=f"hand-{number:02}",
                base="hand",
                how=how,
                mechanical=False,
                content=BASE.replace(old, new),
                rules=("mysql/syntax",),
                truth="by construction, after the MySQL 8.4 reference manual",
            )
        )
    write_faults("mysql", made)


if __name__ == "__main__":
    main()
