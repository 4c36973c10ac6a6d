namespace LinuxP2V.Guest.Kernels;

/// <param name="Version">The folder below /lib/modules.</param>
/// <param name="Image">The kernel itself.</param>
/// <param name="InitramfsPath">Null when the copy has none for it.</param>
/// <param name="Modules">Names of its loadable modules, with underscores.</param>
/// <param name="BuiltIn">Names of what is compiled in, with underscores.</param>
public sealed record InstalledKernel(
    string Version,
    string Image,
    string? InitramfsPath,
    IReadOnlyCollection<string> Modules,
    IReadOnlyCollection<string> BuiltIn
)
{
    public bool Has(string module) => Modules.Contains(module) || BuiltIn.Contains(module);

    /// <summary>kernel/drivers/scsi/vmw_pvscsi.ko.xz to vmw_pvscsi; null for anything that is no module.</summary>
    public static string? ModuleName(string path)
    {
        var file = path[(path.LastIndexOf('/') + 1)..];
        var end = file.IndexOf(".ko", StringComparison.Ordinal);
        return end > 0 ? file[..end].Replace('-', '_') : null;
    }
}
