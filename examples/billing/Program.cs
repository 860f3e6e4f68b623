using Billing.Services;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddControllersWithViews();
builder.Services.AddSingleton<IInvoices, SqlInvoices>();
builder.Services.AddSingleton<Documents>();

var app = builder.Build();
app.MapControllers();
app.MapGet("/health", () => "ok");
app.Run();
