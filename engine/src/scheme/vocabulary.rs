//! The codes that strategies use for areas, roles and channels, as people read them.

use crate::document::text::Lang;
use crate::scheme::Area;

/// The Chinese words. The English ones are the codes themselves with blanks for underscores.
const CHINESE: [(&str, &str); 26] = [
    // areas
    ("contact", "联系人"),
    ("communication", "沟通"),
    ("response", "响应"),
    ("offers", "优惠与产品"),
    ("resources", "资源"),
    ("training", "培训"),
    ("self_service", "自助服务"),
    ("review", "评估"),
    // roles
    ("account_manager", "客户经理"),
    ("senior_management", "高层管理者"),
    ("sales_representative", "销售代表"),
    ("service_team", "服务团队"),
    ("key_account_team", "大客户团队"),
    ("marketing", "市场部"),
    ("adviser", "顾问"),
    ("customer_service", "客服"),
    ("system", "系统"),
    // channels
    ("visit", "上门拜访"),
    ("phone", "电话"),
    ("email", "电子邮件"),
    ("meeting", "会议"),
    ("message", "即时消息"),
    ("online", "线上"),
    ("event", "活动"),
    ("hotline", "热线"),
    ("mail", "邮寄"),
];

/// The code of an area, a role or a channel as people read it. A code of the user's own stays as it is
/// in Chinese, and has blanks for underscores in English.
pub fn label(code: &str, lang: Lang) -> String {
    match lang {
        Lang::En => code.replace('_', " "),
        Lang::Zh => {
            let known = CHINESE.iter().find(|(known, _)| *known == code);
            known.map_or(code, |(_, word)| word).to_owned()
        }
    }
}

impl Area {
    /// The JSON name, which [`label`] translates.
    pub fn code(self) -> &'static str {
        match self {
            Area::Contact => "contact",
            Area::Communication => "communication",
            Area::Response => "response",
            Area::Offers => "offers",
            Area::Resources => "resources",
            Area::Training => "training",
            Area::SelfService => "self_service",
            Area::Review => "review",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_are_translated_and_others_stay() {
        assert_eq!(label("account_manager", Lang::En), "account manager");
        assert_eq!(label("account_manager", Lang::Zh), "客户经理");
        assert_eq!(label("店长", Lang::Zh), "店长");
        assert_eq!(label("shop_keeper", Lang::Zh), "shop_keeper");
    }

    #[test]
    fn the_codes_of_areas_are_their_json_names() {
        for area in [Area::Contact, Area::SelfService, Area::Review] {
            assert_eq!(serde_json::to_value(area).unwrap(), area.code());
            assert_ne!(label(area.code(), Lang::Zh), area.code());
        }
    }
}
