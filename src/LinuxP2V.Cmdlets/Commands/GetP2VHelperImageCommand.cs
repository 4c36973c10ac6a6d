using System.Management.Automation;
using System.Security.Cryptography;
using LinuxP2V.Cmdlets.Loading;
using LinuxP2V.Cmdlets.Pipeline;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "P2VHelperImage")]
[OutputType(typeof(P2VHelperImage))]
public sealed class GetP2VHelperImageCommand : P2VCmdlet
{
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    protected override Task EndAsync(CancellationToken cancellationToken)
    {
        var path = Engine.LocateHelperImage(Path is null ? null : ResolvePath(Path), ModuleLayout.ModuleFolder);
        using var file = File.OpenRead(path);
        using var sha = SHA256.Create();
        WriteObject(new P2VHelperImage
        {
            Name = System.IO.Path.GetFileName(path),
            Path = path,
            SizeMB = decimal.Round(file.Length / 1048576m, 1),
            Hash = string.Concat(sha.ComputeHash(file).Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture))),
        });
        return Task.CompletedTask;
    }
}
