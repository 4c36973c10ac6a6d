using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Services;

/// <summary>In new hardware cloud-init sees a new instance, and would make new host keys, a new name and its own network.</summary>
internal sealed class CloudInitStep : IGuestStep
{
    private const string Folder = "/etc/cloud/cloud.cfg.d";
    private const string Mark = "linuxp2v.cfg";

    /// <summary>Starts of a name: the last file by name has the last word, and the usual one is preferred.</summary>
    private static readonly string[] Starts = ["99-", "zz-", "zzzz-", "~~"];

    private const string Text = """
        # linuxp2v: this machine is the one that was cloned, not a new instance
        datasource_list: [ None ]
        manual_cache_clean: true
        network:
          config: disabled
        preserve_hostname: true
        ssh_deletekeys: false

        """;

    public string Concern => "CloudInit";

    public void Plan(GuestContext context)
    {
        if (!context.Files.FolderExists(Folder) || context.Files.FileExists("/etc/cloud/cloud-init.disabled"))
            return;

        var others = context
            .Files.Files(Folder, "*.cfg")
            .Select(path => path[(path.LastIndexOf('/') + 1)..])
            .Where(name => !name.EndsWith(Mark, StringComparison.Ordinal))
            .ToList();
        var start = Starts.FirstOrDefault(candidate => others.All(other => string.CompareOrdinal(other, candidate + Mark) < 0));
        context.Write(
            Concern,
            $"{Folder}/{start ?? Starts[^1]}{Mark}",
            Text,
            "keeps cloud-init's hands off network, name and keys",
            "in the VM it would take the machine for a new instance"
        );
        if (start is null)
        {
            var last = others.OrderBy(name => name, StringComparer.Ordinal).Last();
            context.Warn(
                "CloudInit",
                $"{Folder}/{last}",
                $"{Folder}/{last} comes after the file with which LinuxP2V keeps cloud-init from setting the machine "
                    + $"up anew, and may undo it.",
                "Rename it so that it sorts earlier, or switch cloud-init off with an empty file /etc/cloud/cloud-init.disabled."
            );
        }
    }
}
