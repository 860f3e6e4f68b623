package com.example.orders;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.springframework.stereotype.Component;

/** Invoices as files. */
@Component
public class InvoiceStore {

    private static final Path FOLDER = Paths.get("/srv/invoices");

    public byte[] read(String name) throws IOException {
        return Files.readAllBytes(FOLDER.resolve(name));
    }

    public byte[] readSafe(String name) throws IOException {
        Path path = FOLDER.resolve(name).normalize();
        if (!path.startsWith(FOLDER)) {
            throw new IOException("no such invoice");
        }
        return Files.readAllBytes(path);
    }
}
