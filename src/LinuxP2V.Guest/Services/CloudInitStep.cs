using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Services;

/// <summary>In new hardware cloud-init sees a new instance, and would make new host keys, a new name and its own network.</summary>
internal sealed class CloudInitStep : IGuestStep
{
    private const string File = "/etc/cloud/cloud.cfg.d/99-linuxp2v.cfg";

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
        if (context.Files.FolderExists("/etc/cloud/cloud.cfg.d") && !context.Files.FileExists("/etc/cloud/cloud-init.disabled"))
        {
            context.Write(
                Concern,
                File,
                Text,
                "keeps cloud-init's hands off network, name and keys",
                "in the VM it would take the machine for a new instance"
            );
        }
    }
}
