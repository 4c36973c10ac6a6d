using System.Management.Automation;

namespace LinuxP2V.Cmdlets.Tests.Support;

/// <summary>Objects with the members that PowerCLI's have, as far as anything here looks at them.</summary>
internal static class FakePowerCli
{
    public const string Secret = "0123-cookie-4567";

    /// <summary>Connect-VIServer's result.</summary>
    public sealed class VIServerImpl(string name)
    {
        public string Name { get; } = name;

        public int Port { get; init; } = 443;

        public string User { get; init; } = @"VSPHERE.LOCAL\Administrator";

        public Uri ServiceUri => new($"https://{Name}:{Port}/sdk");

        public string? SessionId { get; init; } = "not-the-cookie";

        public string? SessionSecret { get; init; } = Secret;

        public bool IsConnected { get; init; } = true;

        public string Id => $"/VIServer=vsphere.local\\administrator@{Name}:{Port}/";

        public string Uid => Id;

        public override string ToString() => Name;
    }

    /// <summary>A host, datastore, folder and so on.</summary>
    public class InventoryItemImpl(string name, string id, string server = "vc01")
    {
        public string Name { get; } = name;

        public string Id { get; } = id;

        public string Uid => $"/VIServer=vsphere.local\\administrator@{server}:443/Item={Id}/";

        /// <summary>A live object may ask a server that is gone.</summary>
        public object ExtensionData => throw new InvalidOperationException("The server is gone.");

        public override string ToString() => Name;
    }

    public sealed class FolderImpl(string name, string id, string type) : InventoryItemImpl(name, id)
    {
        public string Type { get; } = type;
    }

    /// <summary>Of a standard switch: a part of its host, without an Id of its own.</summary>
    public sealed class VirtualPortGroupImpl(string name)
    {
        public string Name { get; } = name;

        public string Key => "key-vim.host.PortGroup-" + Name;

        public string VirtualSwitchName => "vSwitch0";

        public string Uid => "/VIServer=vsphere.local\\administrator@vc01:443/VMHost=HostSystem-host-12/VirtualPortGroup=" + Key + "/";

        public override string ToString() => Name;
    }

    /// <summary>Of Get-VirtualPortGroup: the reference is in its view only.</summary>
    public sealed class DistributedPortGroupImpl(string name, string moref)
    {
        public string Name { get; } = name;

        public string Key { get; } = moref;

        public View ExtensionData { get; } = new("DistributedVirtualPortgroup", moref, name);
    }

    /// <summary>Of Get-View.</summary>
    public sealed class View(string type, string moref, string name)
    {
        public string Name { get; } = name;

        public Reference MoRef { get; } = new(type, moref);
    }

    public sealed class Reference(string type, string value)
    {
        public string Type { get; } = type;

        public string Value { get; } = value;

        public override string ToString() => $"{Type}-{Value}";
    }

    /// <summary>What Export-Clixml and Import-Clixml leave of it.</summary>
    public static object Deserialized(object item) => PSSerializer.Deserialize(PSSerializer.Serialize(item, 1));
}
