using Microsoft.Data.SqlClient;

namespace Billing.Services;

public class SqlInvoices : IInvoices
{
    private readonly string _connection;

    public SqlInvoices(IConfiguration configuration)
    {
        _connection = configuration.GetConnectionString("Billing")!;
    }

    public IReadOnlyList<Invoice> Find(string customer)
    {
        using var connection = new SqlConnection(_connection);
        connection.Open();
        var command = new SqlCommand($"SELECT Number, Customer, Total FROM Invoices WHERE Customer = '{customer}'", connection);
        return Read(command);
    }

    public IReadOnlyList<Invoice> FindSafe(string customer)
    {
        using var connection = new SqlConnection(_connection);
        connection.Open();
        var command = new SqlCommand("SELECT Number, Customer, Total FROM Invoices WHERE Customer = @customer", connection);
        command.Parameters.AddWithValue("@customer", customer);
        return Read(command);
    }

    private static List<Invoice> Read(SqlCommand command)
    {
        var found = new List<Invoice>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            found.Add(new Invoice(reader.GetInt32(0), reader.GetString(1), reader.GetDecimal(2)));
        }
        return found;
    }
}
