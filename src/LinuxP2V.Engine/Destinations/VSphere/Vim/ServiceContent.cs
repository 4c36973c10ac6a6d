using System.Xml.Linq;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>The server's managers. Those that a stand-alone ESXi lacks are null.</summary>
internal sealed record ServiceContent(
    string ApiType,
    string ApiVersion,
    string Version,
    string FullName,
    ManagedObject RootFolder,
    ManagedObject PropertyCollector,
    ManagedObject ViewManager,
    ManagedObject SessionManager,
    ManagedObject SearchIndex,
    ManagedObject FileManager,
    ManagedObject? AuthorizationManager,
    ManagedObject? CustomFieldsManager,
    ManagedObject? DatastoreNamespaceManager,
    ManagedObject? StorageResourceManager,
    ManagedObject? CryptoManager
)
{
    public bool IsVirtualCenter => ApiType == "VirtualCenter";

    public static ServiceContent Read(XElement content)
    {
        ManagedObject Required(string name) =>
            content.Reference(name) ?? throw new VimTransportException($"The server has no {name}.", isTransient: false);

        var about = content.Child("about");
        return new ServiceContent(
            about.Text("apiType") ?? "",
            about.Text("apiVersion") ?? "",
            about.Text("version") ?? "",
            about.Text("fullName") ?? "",
            Required("rootFolder"),
            Required("propertyCollector"),
            Required("viewManager"),
            Required("sessionManager"),
            Required("searchIndex"),
            Required("fileManager"),
            content.Reference("authorizationManager"),
            content.Reference("customFieldsManager"),
            content.Reference("datastoreNamespaceManager"),
            content.Reference("storageResourceManager"),
            content.Reference("cryptoManager")
        );
    }
}
