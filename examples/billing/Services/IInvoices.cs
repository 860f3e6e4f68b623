namespace Billing.Services;

public record Invoice(int Number, string Customer, decimal Total);

public interface IInvoices
{
    IReadOnlyList<Invoice> Find(string customer);

    IReadOnlyList<Invoice> FindSafe(string customer);
}
