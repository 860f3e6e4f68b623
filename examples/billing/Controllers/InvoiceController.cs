using System.Text.Encodings.Web;
using Billing.Services;
using Microsoft.AspNetCore.Mvc;

namespace Billing.Controllers;

[Route("invoices")]
public class InvoiceController : Controller
{
    private readonly IInvoices _invoices;
    private readonly Documents _documents;
    private readonly ILogger<InvoiceController> _logger;

    public InvoiceController(IInvoices invoices, Documents documents, ILogger<InvoiceController> logger)
    {
        _invoices = invoices;
        _documents = documents;
        _logger = logger;
    }

    [HttpGet("search")]
    public IActionResult Search([FromQuery] string customer)
    {
        return Json(_invoices.Find(customer));
    }

    [HttpGet("search-safe")]
    public IActionResult SearchSafe([FromQuery] string customer)
    {
        return Json(_invoices.FindSafe(customer));
    }

    [HttpGet("greeting")]
    public ContentResult Greeting(string name)
    {
        return Content($"<h1>Invoices of {name}</h1>", "text/html");
    }

    [HttpGet("greeting-safe")]
    public ContentResult GreetingSafe(string name)
    {
        return Content($"<h1>Invoices of {HtmlEncoder.Default.Encode(name)}</h1>", "text/html");
    }

    [HttpPost("remind")]
    public IActionResult Remind([FromForm] string customer)
    {
        _logger.LogInformation("Reminder to " + customer);
        return NoContent();
    }

    [HttpPost("remind-safe")]
    public IActionResult RemindSafe([FromForm] string customer)
    {
        _logger.LogInformation("Reminder to {Customer}", customer.Replace("\r", "").Replace("\n", ""));
        return NoContent();
    }

    [HttpGet("document")]
    public IActionResult Document(string name)
    {
        return File(_documents.Read(name), "application/pdf");
    }

    [HttpGet("document-safe")]
    public IActionResult DocumentSafe(string name)
    {
        return File(_documents.ReadSafe(name), "application/pdf");
    }

    [HttpGet("done")]
    public IActionResult Done(string next)
    {
        return Redirect(next);
    }

    [HttpGet("done-safe")]
    public IActionResult DoneSafe(string next)
    {
        return Url.IsLocalUrl(next) ? Redirect(next) : Redirect("/");
    }
}
