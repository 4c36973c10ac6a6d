using System.Security.Cryptography;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Ssh;
using Renci.SshNet;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>Keys that passed an editor on Windows still are keys.</summary>
public sealed class PrivateKeyTextTests
{
    public static TheoryData<string> Forms => ["unix", "crlf", "bom", "bom crlf", "blank lines", "no last line end"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_is_read(string form)
    {
        using var rsa = RSA.Create(2048);
        var pem = rsa.ExportRSAPrivateKeyPem().Replace("\r\n", "\n", StringComparison.Ordinal) + "\n";
        var text = form switch
        {
            "crlf" => pem.Replace("\n", "\r\n", StringComparison.Ordinal),
            "bom" => "\uFEFF" + pem,
            "bom crlf" => "\uFEFF" + pem.Replace("\n", "\r\n", StringComparison.Ordinal),
            "blank lines" => "\n \n" + pem + "\n\n",
            "no last line end" => pem.TrimEnd(),
            _ => pem,
        };
        var target = new SshTarget
        {
            Host = "web01",
            User = "root",
            Secrets = new SourceSecrets { PrivateKey = text },
            Trust = new FingerprintTrust("SHA256:AAAA"),
        };
        Assert.IsType<PrivateKeyAuthenticationMethod>(Assert.Single(SshAuthentication.Create(target)));
    }
}
