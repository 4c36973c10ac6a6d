using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Identity;

/// <summary>
/// Makes the copy a machine of its own where that is asked for, so that it can run beside its source: another machine id, other
/// host keys, another name towards DHCP, and another host name.
/// </summary>
internal sealed class IdentityStep : IGuestStep
{
    public string Concern => "Identity";

    public void Plan(GuestContext context)
    {
        var wanted = context.Options.Identity;
        if (wanted.HostName is { Length: > 0 } name)
            HostName.Plan(Concern, context, name);

        if (!wanted.IsNew)
            return;

        MachineId.Plan(Concern, context);
        HostKeys.Plan(Concern, context);
        DhcpIdentity.Plan(Concern, context);
        IdentityElsewhere.Report(context);
    }
}
