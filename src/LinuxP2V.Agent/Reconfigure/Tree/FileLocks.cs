using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <summary>
/// Hardened machines make files immutable or append-only. The copy has those flags too: they are lifted from what is
/// changed, and set again at the end.
/// </summary>
internal sealed class FileLocks
{
    private readonly Dictionary<string, string> lifted = new(StringComparer.Ordinal);

    /// <param name="place">A path in the helper; missing files and file systems without flags are left alone.</param>
    public async Task LiftAsync(string place, CancellationToken cancellationToken)
    {
        if (lifted.ContainsKey(place) || !File.Exists(place) || new FileInfo(place).LinkTarget is not null)
        {
            return;
        }

        var listing = await Tool.RunAsync("lsattr", ["-d", "--", place], cancellationToken);
        var flags = listing.Succeeded ? string.Concat(listing.Output.TakeWhile(c => c != ' ').Where(c => c is 'i' or 'a')) : "";
        if (flags.Length > 0 && (await Tool.RunAsync("chattr", ["-ia", "--", place], cancellationToken)).Succeeded)
        {
            lifted[place] = flags;
        }
    }

    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        foreach (var (place, flags) in lifted.Where(entry => File.Exists(entry.Key)))
        {
            await Tool.RunAsync("chattr", [$"+{flags}", "--", place], cancellationToken);
        }

        lifted.Clear();
    }
}
