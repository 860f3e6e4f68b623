package com.example.orders;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;

/** Orders in a relational database. */
@Service
public class JdbcOrderService implements OrderService {

    private static final Set<String> COLUMNS = Set.of("created", "total", "customer");

    private final JdbcTemplate jdbc;

    public JdbcOrderService(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public List<Order> search(String customer, String sort) {
        String sql = "SELECT id, customer, total, created FROM orders WHERE customer = '" + customer + "' ORDER BY " + sort;
        return jdbc.query(sql, this::order);
    }

    @Override
    public List<Order> searchSafe(String customer, String sort) {
        if (!COLUMNS.contains(sort)) {
            throw new IllegalArgumentException("cannot sort by this column");
        }
        String sql = "SELECT id, customer, total, created FROM orders WHERE customer = ? ORDER BY " + sort;
        return jdbc.query(sql, this::order, customer);
    }

    @Override
    public void cancel(long id) {
        jdbc.update("UPDATE orders SET cancelled = TRUE WHERE id = ?", id);
    }

    private Order order(ResultSet row, int number) throws SQLException {
        return new Order(
                row.getLong("id"),
                row.getString("customer"),
                row.getBigDecimal("total"),
                row.getTimestamp("created").toInstant());
    }
}
