using System.Xml.Linq;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>
/// What the server answered instead of a result. It stays within this folder: <see cref="VimErrors"/> makes the message for
/// users.
/// </summary>
internal sealed class VimFaultException(string fault, string message, XElement? detail, string method) : Exception(message)
{
    /// <summary>The type: InvalidLogin, NoPermission, …</summary>
    public string Fault { get; } = fault;

    public XElement? Detail { get; } = detail;

    public string Method { get; } = method;

    /// <summary>Whether it is one of these types, or derived from one.</summary>
    public bool Is(params string[] faults) => FaultTree.LineageOf(Fault).Any(type => Array.IndexOf(faults, type) >= 0);
}

/// <summary>No answer, or none of a vSphere server. Whether the call was carried out is unknown.</summary>
internal sealed class VimTransportException(string message, bool isTransient, Exception? innerException = null)
    : Exception(message, innerException)
{
    public bool IsTransient { get; } = isTransient;

    /// <summary>What the file service objected to.</summary>
    public FileRefusal Refusal { get; init; }
}

/// <summary>Why a server's file service took or gave no file.</summary>
internal enum FileRefusal
{
    /// <summary>It did not say, or broke off.</summary>
    None,

    /// <summary>The session has ended: HTTP 401.</summary>
    Session,

    /// <summary>The account may not: HTTP 403.</summary>
    Rights,

    /// <summary>There is no such datacenter, datastore or folder: HTTP 404.</summary>
    Missing,

    /// <summary>The datastore is full.</summary>
    Space,

    /// <summary>A proxy on the way refuses: HTTP 407.</summary>
    Proxy,
}
