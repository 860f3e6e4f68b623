package com.example.orders;

import java.util.List;

/** What the shop does with orders. */
public interface OrderService {

    List<Order> search(String customer, String sort);

    List<Order> searchSafe(String customer, String sort);

    void cancel(long id);
}
