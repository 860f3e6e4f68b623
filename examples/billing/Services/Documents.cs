using System.Security.Cryptography;
using System.Text;

namespace Billing.Services;

public class Documents
{
    private const string Folder = "/srv/documents/";

    public byte[] Read(string name)
    {
        return System.IO.File.ReadAllBytes(Path.Combine(Folder, name));
    }

    public byte[] ReadSafe(string name)
    {
        var path = Path.GetFullPath(Path.Combine(Folder, name));
        if (!path.StartsWith(Folder))
        {
            throw new FileNotFoundException();
        }
        return System.IO.File.ReadAllBytes(path);
    }

    public string Digest(string text)
    {
        using var md5 = MD5.Create();
        return Convert.ToHexString(md5.ComputeHash(Encoding.UTF8.GetBytes(text)));
    }

    public string DigestSafe(string text)
    {
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    public string AccessToken()
    {
        var random = new Random();
        return random.Next(100000, 999999).ToString();
    }

    public string AccessTokenSafe()
    {
        return Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
    }
}
