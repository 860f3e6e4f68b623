package com.example.orders;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/** Orders over HTTP. */
@RestController
@RequestMapping("/orders")
public class OrderController {

    private static final Logger log = LoggerFactory.getLogger(OrderController.class);

    private final OrderService orders;
    private final InvoiceStore invoices;

    public OrderController(OrderService orders, InvoiceStore invoices) {
        this.orders = orders;
        this.invoices = invoices;
    }

    @GetMapping("/search")
    public List<Order> search(@RequestParam String customer, @RequestParam(defaultValue = "created") String sort) {
        return orders.search(customer, sort);
    }

    @GetMapping("/search-safe")
    public List<Order> searchSafe(@RequestParam String customer, @RequestParam(defaultValue = "created") String sort) {
        return orders.searchSafe(customer, sort);
    }

    @GetMapping("/{id}/note")
    public void note(@PathVariable long id, @RequestParam String text, HttpServletResponse response) throws IOException {
        response.setContentType(MediaType.TEXT_HTML_VALUE);
        response.getWriter().println("<p>Note on order " + id + ": " + text + "</p>");
    }

    @GetMapping("/{id}/note-safe")
    public void noteSafe(@PathVariable long id, @RequestParam String text, HttpServletResponse response)
            throws IOException {
        response.setContentType(MediaType.TEXT_HTML_VALUE);
        response.getWriter().println("<p>Note on order " + id + ": " + HtmlUtils.htmlEscape(text) + "</p>");
    }

    @PostMapping("/{id}/cancel")
    public void cancel(@PathVariable long id, @RequestParam String reason) {
        log.info("Order " + id + " cancelled because " + reason);
        orders.cancel(id);
    }

    @PostMapping("/{id}/cancel-safe")
    public void cancelSafe(@PathVariable long id, @RequestParam String reason) {
        log.info("Order {} cancelled because {}", id, reason.replaceAll("[\r\n]", "_"));
        orders.cancel(id);
    }

    @GetMapping("/invoice")
    public byte[] invoice(@RequestParam String name) throws IOException {
        return invoices.read(name);
    }

    @GetMapping("/invoice-safe")
    public byte[] invoiceSafe(@RequestParam String name) throws IOException {
        return invoices.readSafe(name);
    }

    @GetMapping("/done")
    public void done(@RequestParam String next, HttpServletResponse response) throws IOException {
        response.sendRedirect(next);
    }

    @GetMapping("/done-safe")
    public void doneSafe(@RequestParam String next, HttpServletResponse response) throws IOException {
        response.sendRedirect("/orders/" + next);
    }
}
