using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>In new hardware cloud-init sees a new instance, and would make new host keys, a new name and its own network.</summary>
internal sealed class CloudInitStep : IReconfigureStep
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

    public bool Detect(ReconfigureContext context) =>
        context.Files.DirectoryExists("/etc/cloud/cloud.cfg.d") && !context.Files.FileExists("/etc/cloud/cloud-init.disabled");

    public Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PlannedChange>>([
            context.Edit(
                File,
                Text,
                "keeps cloud-init's hands off network, name and keys",
                "in the VM it would take the machine for a new instance"
            ),
        ]);
}
